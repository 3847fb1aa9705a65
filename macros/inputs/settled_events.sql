{# Columns of an event, in order. #}
{% macro event_columns() %}
    {{ return([
        'transaction_key', 'address_key', 'counterparty_key', 'value_wei',
        'fee_wei', 'gas_limit', 'gas_price_wei', 'block_number',
        'transaction_index', 'is_outgoing', 'is_contract_creation',
        'is_failed', 'block_timestamp', 'block_date',
    ]) }}
{% endmacro %}

{#
    Partitions of int_events__settled_events. BigQuery lets a job write to 4,000.
    Six billion events make three million a partition, of which a read of one
    address sees a few blocks.
#}
{% macro event_buckets() %}{{ return(2000) }}{% endmacro %}

{# UTC day before which the events are in int_events__settled_events. None if none are. #}
{% macro events_settled_before() %}
    {%- set relation = built_relation('int_events__settled_events')
        if loads_incrementally() -%}
    {%- if not relation or relation.is_view -%}{{ return(none) }}{%- endif -%}
    {{ return(run_query(
        "select cast(max(block_date) as " ~ dbt.type_string() ~ ") from "
        ~ relation ~ " where event_bucket = " ~ event_buckets()
    ).rows[0][0]) }}
{% endmacro %}

{#
    The last UTC day up to `day` before which the events are settled. Deletes what
    was settled after it, if `day` is loaded again: that leaves fewer settled days,
    and no day by halves.
#}
{% macro keep_events_settled_up_to(day) %}
    {%- set relation = built_relation('int_events__settled_events') -%}
    {%- if not relation -%}{{ return(none) }}{%- endif -%}
    {%- set text = dbt.type_string() -%}
    {%- set row = run_query(
        "select cast(max(block_date) as " ~ text ~ "), cast(max(case when"
        ~ " block_date <= cast('" ~ day ~ "' as date) then block_date end) as "
        ~ text ~ ") from " ~ relation
        ~ " where event_bucket = " ~ event_buckets()
    ).rows[0] -%}
    {%- if (row[0] or '') > day -%}
        {%- set kept = "cast('" ~ (row[1] or '1970-01-01') ~ "' as date)" -%}
        {%- do run_query(
            "delete from " ~ relation ~ " where block_date > " ~ kept
            ~ " or (block_date = " ~ kept ~ " and address_key is not null)"
        ) -%}
    {%- endif -%}
    {{ return(row[1]) }}
{% endmacro %}
