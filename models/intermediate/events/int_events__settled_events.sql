{{ config(
    materialized='incremental' if loads_incrementally() else 'view',
    **layout(
        partition_by={
            'field': 'event_bucket',
            'data_type': 'int64',
            'range': {'start': 0, 'end': event_buckets() + 1, 'interval': 1},
        },
        cluster_by=['address_key', 'block_timestamp']
    )
) }}

{#- A day is settled when no later run loads it again. -#}
{%- set settle_before = load_bounds().start[:10] %}
{%- set settled_before = keep_events_settled_up_to(settle_before)
    if is_incremental() %}
{%- set settled_day = "cast('" ~ settle_before ~ "' as date)" %}
{%- set is_due = loads_incrementally()
    and settle_before > (settled_before or '') %}

with

sides as (

    select * from {{ ref('int_events__transaction_sides') }}
    where
        {{ is_due | lower }}
        and block_date < {{ settled_day }}
        and block_date
        >= cast('{{ settled_before or history_start()[:10] }}' as date)

)

select
    {%- for column in event_columns() %}
    {{ column }},
    {%- endfor %}
    {{ key_bucket('address_key', event_buckets()) }} as event_bucket
from sides

{%- if is_due %}

-- A row in a bucket of its own says up to which day events are settled. It
-- comes with their insert, so it is true also after a killed run.
union all

select
    {%- for column in event_columns() %}
    {{ 'null' if column != 'block_date' else settled_day }} as {{ column }},
    {%- endfor %}
    {{ event_buckets() }} as event_bucket
{%- endif %}
