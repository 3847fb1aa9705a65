{#- Events before this day are in the table laid out for one address. -#}
{%- set settled_before = events_settled_before() %}
{%- set columns = event_columns() | join(',\n        ') %}

with

sides as (

    select
        *,
        {{ key_bucket('address_key', event_buckets()) }} as event_bucket
    from {{ ref('int_events__transaction_sides') }}
    {%- if settled_before %}
    where block_date >= cast('{{ settled_before }}' as date)
    {%- endif %}

),

{% if loads_incrementally() -%}
settled_events as (

    select * from {{ ref('int_events__settled_events') }}
    where
        address_key is not null
        and block_timestamp >= {{ timestamp_literal(history_start()) }}

),

events as (

    select
        {{ columns }},
        event_bucket
    from settled_events

    union all

    select
        {{ columns }},
        event_bucket
    from sides

)
{%- else -%}
events as (

    select
        {{ columns }},
        event_bucket
    from sides

)
{%- endif %}

select * from events
