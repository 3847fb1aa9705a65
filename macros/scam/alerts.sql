{#
    Whether an address (of a relation like int_addresses__summaries) may become
    an alert as far as labels and chain data say who it is. Known scams have a
    state of their own.
#}
{% macro is_alertable(addresses) -%}
    (
        {{ addresses }}.label_state not in ('benign', 'entity')
        and {{ addresses }}.entity_category is null
        and not {{ addresses }}.is_token
        {%- if not setting('alert_on_contracts') %}
        and not {{ addresses }}.is_contract
        {%- endif %}
    )
{%- endmacro %}
