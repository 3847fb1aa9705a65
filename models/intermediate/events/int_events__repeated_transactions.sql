{{ config(
    post_hook="{{ warn_of_contradictions(ref('stg_chain__transactions'), ref('base_chain__input_files')) }}",
    **table_by_day(look_backs=1)
) }}

{#- What a copy can lack. Each export leaves out something else. -#}
{%- set completed_columns = [
    'contract_address_key', 'gas_limit', 'gas_price_wei',
    'effective_gas_price_wei', 'gas_used', 'transaction_index', 'is_failed',
] %}

with

-- Two copies are at most a look-back apart. A copy loaded now can replace one
-- of a look-back ago, and a third copy can be as much older than that one. So
-- two look-backs are read.
transactions as (

    select * from {{ ref('stg_chain__transactions') }}
    where
        rejection_reason is null
        and {{ is_day_of_this_load(look_backs=2) }}

),

repeated_keys as (

    select
        transaction_key,
        max(block_number) as block_number
    from transactions
    group by transaction_key
    having count(*) > 1

),

-- A reorganised block can leave a transaction twice. The later block is valid.
-- A copy without a block number may be of any.
valid_copies as (

    select transactions.*
    from transactions
    inner join repeated_keys
        on transactions.transaction_key = repeated_keys.transaction_key
    where
        coalesce(transactions.block_number = repeated_keys.block_number, true)

),

-- The copy that knows most counts, whatever its file is called.
ranked_copies as (

    select
        *,
        row_number() over (
            partition by transaction_key
            order by
                case when block_number is null then 1 else 0 end asc,
                case when is_failed is null then 1 else 0 end asc,
                case when gas_used is null then 1 else 0 end asc,
                case when contract_address_key is null then 1 else 0 end asc,
                case when transaction_index is null then 1 else 0 end asc,
                transaction_index asc,
                block_timestamp desc,
                value_wei desc,
                from_address_key asc,
                to_address_key asc,
                input_file asc
        ) as preference
    from valid_copies

),

-- What it does not know, another copy may.
completed_copies as (

    select
        input_file,
        transaction_key,
        from_address_key,
        to_address_key,
        value_wei,
        block_number,
        is_contract_creation,
        block_timestamp,
        block_date,
        {%- for column in completed_columns %}
        coalesce(
            {{ column }}, max({{ column }}) over (partition by transaction_key)
        ) as {{ column }},
        {%- endfor %}
        preference
    from ranked_copies

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
from completed_copies
where
    preference = 1
    and {{ is_day_of_this_load(look_backs=1) }}
