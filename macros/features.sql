{# total / number as floating point, 0 where there is nothing to average. #}
{% macro mean_or_zero(total, number) -%}
    coalesce(
        cast({{ total }} as {{ type_double() }}) / nullif({{ number }}, 0), 0
    )
{%- endmacro %}

{#
    The feature dictionary: the columns of address_window_features that
    describe behaviour. Labels are not among them.
#}
{% macro dictionary_features() %}
    {{ return([
        'in_degree', 'out_degree', 'unique_in_degree', 'unique_out_degree',
        'avg_amount_incoming', 'total_amount_incoming', 'max_amount_incoming',
        'min_amount_incoming', 'avg_amount_outgoing', 'total_amount_outgoing',
        'max_amount_outgoing', 'min_amount_outgoing', 'avg_time_incoming',
        'avg_time_outgoing', 'total_tx_time', 'active_duration',
        'mean_time_interval', 'max_time_interval', 'min_time_interval',
        'burstiness', 'tx_count', 'activity_density', 'incoming_count',
        'outgoing_count', 'in_out_ratio', 'hour_mean', 'hour_entropy',
        'last_seen', 'recency', 'avg_gas_price', 'avg_gas_limit',
    ]) }}
{% endmacro %}

{#
    Features that say when an address lived, measured from the window's ends.
    They change for every address when the data grows.
#}
{% macro absolute_time_features() %}
    {{ return([
        'avg_time_incoming', 'avg_time_outgoing', 'last_seen', 'recency',
    ]) }}
{% endmacro %}

{# MD5 of the columns' values: differs when one of them changes. #}
{% macro fingerprint(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(
            "coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash("concat(" ~ texts | join(", '|', ") ~ ")") }}
{%- endmacro %}
