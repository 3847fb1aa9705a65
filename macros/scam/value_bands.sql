{#
    Subset of an evaluation by the wei an address received in the window. Amounts
    alone tell many scams from other addresses. Within a band they hardly do, so
    a model has to know more. NULL for NULL.
#}
{% macro value_band(wei) -%}
    {%- set bands = value_bands() -%}
    case
        when {{ wei }} < 1e17 then '{{ bands[0] }}'
        when {{ wei }} < 1e18 then '{{ bands[1] }}'
        when {{ wei }} < 1e19 then '{{ bands[2] }}'
        when {{ wei }} < 2e20 then '{{ bands[3] }}'
        when {{ wei }} >= 2e20 then '{{ bands[4] }}'
    end
{%- endmacro %}
{% macro value_bands() %}
    {{ return([
        'received_below_0.1_eth', 'received_0.1_to_1_eth',
        'received_1_to_10_eth', 'received_10_to_200_eth',
        'received_200_eth_or_more',
    ]) }}
{% endmacro %}
