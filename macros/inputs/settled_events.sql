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
