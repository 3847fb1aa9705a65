{{ config(tags=['whole_history']) }}

-- Each loaded row of the transactions table is an accepted transaction, a
-- rejected row, one before history_start, or a further copy of a transaction.
with

delivered as (

    select count(*) as delivered_rows
    from {{ ref('stg_chain__transactions') }}

),

rejected as (

    select coalesce(sum(number_of_rows), 0) as rejected_rows
    from {{ ref('rejected_chain_rows') }}
    where table_name = 'transactions'

),

copies as (

    select
        transaction_key,
        count(*) - 1 as further_copies,
        min(block_timestamp) as first_block_timestamp
    from {{ ref('stg_chain__transactions') }}
    where rejection_reason is null
    group by transaction_key

),

accepted as (

    select
        count(transactions.transaction_key) as accepted_rows,
        coalesce(sum(copies.further_copies), 0) as repeated_rows,
        count(
            case
                when
                    transactions.transaction_key is null
                    and copies.first_block_timestamp
                    < {{ timestamp_literal(history_start()) }}
                    then 1
            end
        ) as earlier_rows
    from copies
    left join {{ ref('int_events__transactions') }} as transactions
        on copies.transaction_key = transactions.transaction_key

)

select
    delivered.delivered_rows,
    rejected.rejected_rows,
    accepted.accepted_rows,
    accepted.repeated_rows,
    accepted.earlier_rows
from delivered
cross join rejected
cross join accepted
where
    delivered.delivered_rows
    <> rejected.rejected_rows
    + accepted.accepted_rows
    + accepted.repeated_rows
    + accepted.earlier_rows
