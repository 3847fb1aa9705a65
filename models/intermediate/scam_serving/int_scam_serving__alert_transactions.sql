with

alerts as (

    select * from {{ ref('int_scam_serving__alerts') }}

),

events as (

    select * from {{ ref('int_events__transaction_events') }}
    where
        {{ is_among('event_bucket', 'int_scam_serving__alerts') }}
        and {{ is_among('address_key', 'int_scam_serving__alerts') }}

),

-- A transfer to oneself has two events but is one transaction.
address_transactions as (

    select distinct
        alerts.address,
        events.transaction_key,
        events.value_wei,
        events.transaction_index,
        events.block_timestamp,
        events.block_date
    from alerts
    inner join events on alerts.address_key = events.address_key

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
        ) as size_rank
    from address_transactions

)

select
    address,
    transaction_key,
    size_rank,
    block_date
from ranked_transactions
where size_rank <= 3
