{{ config(**table_by_part('table')) }}

with

-- Empty and failed transfers do not fund an address.
events as (

    select
        address_key,
        counterparty_key,
        value_wei,
        block_timestamp,
        {{ is_in_backtests('address_key') }} as is_in_backtests,
        lag(block_timestamp) over (
            partition by address_key
            order by
                block_timestamp asc,
                coalesce(block_number, -1) asc,
                coalesce(transaction_index, 1000000) asc,
                value_wei desc,
                transaction_key asc
        ) as previous_at
    from {{ ref('int_features__new_events') }}
    where
        not is_outgoing
        and value_wei > 0
        and counterparty_key <> address_key

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where is_counted

)

-- The first fund in a window is the one whose predecessor lies before the
-- window. An address that has one in an earlier part keeps that.
select
    windows.window_id,
    events.address_key,
    events.counterparty_key as funder_key,
    {% if loads_incrementally() -%}
    {{ settled_before(is_open_time('events.block_timestamp'), 'windows') }}
        as settled_before,
    {% endif -%}
    events.value_wei
from events
inner join windows
    on
        events.block_timestamp >= windows.window_start
        and events.block_timestamp < windows.window_end
        and coalesce(events.previous_at < windows.window_start, true)
        and (windows.window_name = 'lifetime' or events.is_in_backtests)
where not {{ is_funded_before('events.address_key') }}
