with

events as (

    select
        *,
        {{ is_in_backtests('address_key') }} as is_in_backtests
    from {{ ref('int_features__new_token_events') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where is_counted

)

select
    windows.window_id,
    events.address_key,
    events.counterparty_key,
    events.token_address_key,
    events.transaction_key,
    events.log_index,
    events.value_number,
    events.block_timestamp,
    {%- if loads_incrementally() %}
    {{ settled_before(is_open_day('events.block_date'), 'windows') }}
        as settled_before,
    {%- endif %}
    events.is_outgoing
from events
inner join windows
    on
        events.block_timestamp >= windows.window_start
        and events.block_timestamp < windows.window_end
        and (windows.window_name = 'lifetime' or events.is_in_backtests)
