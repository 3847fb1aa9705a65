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

{#
    UTC day before which the events are in int_events__settled_events. None if none
    are. With `up_to` the last such day that is not after this one.
#}
{% macro events_settled_before(up_to=none) %}
    {%- set relation = built_relation('int_events__settled_events')
        if loads_incrementally() -%}
    {%- if not relation or relation.is_view -%}{{ return(none) }}{%- endif -%}
    {{ return(run_query(
        "select cast(max(block_date) as " ~ dbt.type_string() ~ ") from "
        ~ relation ~ " where event_bucket = " ~ event_buckets()
        ~ (" and block_date <= cast('" ~ up_to ~ "' as date)" if up_to else "")
    ).rows[0][0]) }}
{% endmacro %}

{#
    Deletes events of days that this run loads again though they were settled,
    back to the last mark before these days.
#}
{% macro forget_events_settled_too_early() %}
    {%- if execute and is_incremental() -%}
        {%- set start = load_bounds().start[:10] -%}
        {%- if (events_settled_before() or '') > start -%}
            {%- set kept = events_settled_before(up_to=start) -%}
            {%- set day = "cast('" ~ kept ~ "' as date)" -%}
            delete from {{ this }}
            where
                {%- if kept %}
                block_date > {{ day }}
                or (block_date = {{ day }} and address_key is not null)
                {%- else %}
                true
                {%- endif %}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
