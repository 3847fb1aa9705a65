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
        log_index,
        count(*) as copies,
        min(block_number) as first_block_number,
        max(block_number) as last_block_number
    from token_transfers
    group by transaction_key, log_index

),

-- Equal transfers may be in one file with a log index and in another without.
repeated_transactions as (

    select
        transaction_key,
        max(last_block_number) as block_number
    from transfers_by_log
    group by transaction_key
    having
        max(copies) > 1
        or min(first_block_number) <> max(last_block_number)
        or count(log_index) between 1 and count(*) - 1

),

-- A reorganised block can leave the transfers of a transaction twice, with
-- other log indexes. Those of the later block are valid. A transfer without a
-- block number may be of any.
valid_transfers as (

    select token_transfers.*
    from token_transfers
    inner join repeated_transactions
        on
            token_transfers.transaction_key
            = repeated_transactions.transaction_key
    where
        coalesce(
            token_transfers.block_number = repeated_transactions.block_number,
            true
        )

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
                    order by
                        case when block_number is null then 1 else 0 end,
                        case when block_timestamp is null then 1 else 0 end,
                        input_file
                )
            else row_number() over (
                partition by transaction_key, log_index
                order by
                    case when block_number is null then 1 else 0 end,
                    token_address_key, from_address_key, to_address_key,
                    value_number,
                    case when block_timestamp is null then 1 else 0 end,
                    block_timestamp, input_file
            )
        end as preference
    from numbered_transfers

),

-- All transfers of a transaction have its time, which one file may tell and
-- another not.
timed_transfers as (

    select
        input_file,
        transaction_key,
        token_address_key,
        from_address_key,
        to_address_key,
        value_number,
        log_index,
        block_number,
        occurrence,
        count(log_index) over (
            partition by
                transaction_key, token_address_key, from_address_key,
                to_address_key, value_number
        ) as equal_transfers_with_log_index,
        coalesce(
            block_timestamp,
            max(block_timestamp) over (partition by transaction_key)
        ) as block_timestamp
    from ranked_copies
    where preference = 1

),

-- One file may have a log index and another not. As many of the equal transfers
-- without one are left out as there are with one, because they are the same.
different_transfers as (

    select
        *,
        {{ block_date('block_timestamp') }} as block_date
    from timed_transfers
    where log_index is not null or occurrence > equal_transfers_with_log_index

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
from different_transfers
where {{ is_day_of_this_load(look_backs=1) }}
