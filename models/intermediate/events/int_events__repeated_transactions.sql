{{ config(**table_by_day(look_backs=1)) }}

with

-- Two copies are at most a look-back apart: a copy loaded now can replace one
-- a look-back ago, which a third can precede by as much.
transactions as (

    select * from {{ ref('stg_chain__transactions') }}
    where
        rejection_reason is null
        and {{ is_day_of_this_load(look_backs=2) }}

),

repeated_keys as (

    select transaction_key
    from transactions
    group by transaction_key
    having count(*) > 1

),

-- A reorganised block can leave a transaction twice. The later block is valid.
ranked_copies as (

    select
        transactions.*,
        row_number() over (
            partition by transactions.transaction_key
            order by
                coalesce(transactions.block_number, -1) desc,
                coalesce(transactions.transaction_index, 1000000) asc,
                transactions.block_timestamp desc,
                transactions.value_wei desc,
                transactions.from_address_key asc,
                transactions.to_address_key asc,
                transactions.input_file asc
        ) as preference
    from transactions
    inner join repeated_keys
        on transactions.transaction_key = repeated_keys.transaction_key

)

select
    input_file,

    transaction_key,
    from_address_key,
    to_address_key,
    contract_address_key,

    value_wei,
    gas_limit,
    gas_price_wei,
    effective_gas_price_wei,
    gas_used,
    block_number,
    transaction_index,

    is_contract_creation,
    is_failed,

    block_timestamp,
    block_date
from ranked_copies
where
    preference = 1
    and {{ is_day_of_this_load(look_backs=1) }}
