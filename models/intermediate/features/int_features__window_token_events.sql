with

transfers as (

    select * from {{ ref('int_events__token_transfers') }}

),

sides as (

    select
        from_address_key as address_key,
        to_address_key as counterparty_key,
        token_address_key,
        transaction_key,
        log_index,
        value_number,
        block_timestamp,
        true as is_outgoing
    from transfers

    union all

    select
        to_address_key as address_key,
        from_address_key as counterparty_key,
        token_address_key,
        transaction_key,
        log_index,
        value_number,
        block_timestamp,
        false as is_outgoing
    from transfers

),

windows as (

    select * from {{ ref('int_features__windows') }}

)

select
    windows.window_id,
    sides.address_key,
    sides.counterparty_key,
    sides.token_address_key,
    sides.transaction_key,
    sides.log_index,
    sides.value_number,
    sides.block_timestamp,
    sides.is_outgoing
from sides
inner join windows
    on
        sides.block_timestamp >= windows.window_start
        and sides.block_timestamp < windows.window_end
where {{ has_features('sides.address_key') }}
