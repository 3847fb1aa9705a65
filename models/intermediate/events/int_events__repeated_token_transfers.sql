{{ config(**table_by_day(look_backs=1)) }}

with

-- As for transactions, copies are at most a look-back apart.
token_transfers as (

    select * from {{ ref('stg_chain__token_transfers') }}
    where
        rejection_reason is null
        and {{ is_day_of_this_load(look_backs=2) }}

),

transfers_by_log as (

    select
        transaction_key,
        count(*) as copies,
        min(coalesce(block_number, -1)) as first_block_number,
        max(coalesce(block_number, -1)) as last_block_number
    from token_transfers
    group by transaction_key, log_index

),

repeated_transactions as (

    select
        transaction_key,
        max(last_block_number) as block_number
    from transfers_by_log
    group by transaction_key
    having
        max(copies) > 1
        or min(first_block_number) <> max(last_block_number)

),

-- A reorganised block can leave the transfers of a transaction twice, with
-- other log indexes. Those of the later block are valid.
valid_transfers as (

    select token_transfers.*
    from token_transfers
    inner join repeated_transactions
        on
            token_transfers.transaction_key
            = repeated_transactions.transaction_key
            and coalesce(token_transfers.block_number, -1)
            = repeated_transactions.block_number

),

-- Without a log index, equal transfers of one file are different ones, and
-- those of two files are the same again.
numbered_transfers as (

    select
        *,
        row_number() over (
            partition by
                transaction_key, log_index, input_file, token_address_key,
                from_address_key, to_address_key, value_number
            order by block_timestamp
        ) as occurrence
    from valid_transfers

),

ranked_copies as (

    select
        *,
        case
            when log_index is null
                then row_number() over (
                    partition by
                        transaction_key, log_index, occurrence,
                        token_address_key, from_address_key, to_address_key,
                        value_number
                    order by input_file
                )
            else row_number() over (
                partition by transaction_key, log_index
                order by
                    token_address_key, from_address_key, to_address_key,
                    value_number, block_timestamp, input_file
            )
        end as preference
    from numbered_transfers

)

select
    input_file,

    transaction_key,
    token_address_key,
    from_address_key,
    to_address_key,

    value_number,
    log_index,
    block_number,

    block_timestamp,
    block_date
from ranked_copies
where
    preference = 1
    and {{ is_day_of_this_load(look_backs=1) }}
