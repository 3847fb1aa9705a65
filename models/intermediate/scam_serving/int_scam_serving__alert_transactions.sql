-- depends_on: {{ ref('int_events__transaction_sides') }}
{#-
    The settled events of an alert are read once. Of an alert that the last run
    had, its largest ones are in this table, and only later days are read.
-#}
{%- set known = known_alert_transactions() %}
{%- set remembered = known.relation if known else none %}
{%- set settled_before = events_settled_before() %}
{%- set is_new = 'address not in (select address from ' ~ remembered ~ ')'
    if known else 'true' %}
{%- set settled_day = "cast('" ~ settled_before ~ "' as date)"
    if settled_before else 'cast(null as date)' %}

with

alerts as (

    select * from {{ ref('int_scam_serving__alerts') }}

),

new_alerts as (

    select * from alerts
    where {{ is_new }}

),

events as (

    select * from {{ ref('int_events__transaction_events') }}
    where
        {{ is_among(
            'event_bucket', 'int_scam_serving__alerts', 'address', remembered
        ) }}
        and {{ is_among(
            'address_key', 'int_scam_serving__alerts', 'address', remembered
        ) }}

),

{% if known -%}
known_alerts as (

    select * from alerts
    where not ({{ is_new }})

),

known_transactions as (

    select * from {{ remembered }}
    where settled_rank <= 3

),

later_events as (

    select * from {{ ref('int_events__transaction_sides') }}
    where block_date >= cast('{{ known.settled_before }}' as date)

),

{% endif -%}
-- A transfer to oneself has two events but is one transaction.
address_transactions as (

    select distinct
        new_alerts.address,
        events.transaction_key,
        events.value_wei,
        events.transaction_index,
        events.block_timestamp,
        events.block_date
    from new_alerts
    inner join events on new_alerts.address_key = events.address_key
    {%- if known %}

    union all

    select
        known_alerts.address,
        known_transactions.transaction_key,
        known_transactions.value_wei,
        known_transactions.transaction_index,
        known_transactions.block_timestamp,
        known_transactions.block_date
    from known_alerts
    inner join known_transactions
        on known_alerts.address = known_transactions.address

    union all

    select distinct
        known_alerts.address,
        later_events.transaction_key,
        later_events.value_wei,
        later_events.transaction_index,
        later_events.block_timestamp,
        later_events.block_date
    from known_alerts
    inner join later_events
        on known_alerts.address_key = later_events.address_key
    {%- endif %}

),

-- Transactions alike in all of this share a rank. The hash decides where it is
-- known, because keys differ between the engines.
ranked_transactions as (

    select
        *,
        rank() over (
            partition by address
            order by
                value_wei desc,
                block_timestamp asc,
                coalesce(transaction_index, -1) asc
        ) as size_rank,
        rank() over (
            partition by address, block_date < {{ settled_day }}
            order by
                value_wei desc,
                block_timestamp asc,
                coalesce(transaction_index, -1) asc
        ) as rank_in_part
    from address_transactions

),

parts as (

    select
        *,
        case when block_date < {{ settled_day }} then rank_in_part end
            as settled_rank
    from ranked_transactions

)

select
    address,
    transaction_key,
    value_wei,
    transaction_index,
    size_rank,
    settled_rank,
    block_timestamp,
    block_date,
    {{ settled_day }} as settled_before,
    '{{ history_start() }}' as history_start
from parts
where size_rank <= 3 or settled_rank <= 3
