with

events as (

    select
        *,
        {{ is_in_backtests('address_key') }} as is_in_backtests
    from {{ ref('int_features__new_events') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where is_counted

)

select
    {%- for column in event_columns() %}
    events.{{ column }},
    {%- endfor %}
    {%- if loads_incrementally() %}
    {{ settled_before(is_open_time('events.block_timestamp'), 'windows') }}
        as settled_before,
    {%- endif %}
    windows.window_id
from events
inner join windows
    on
        events.block_timestamp >= windows.window_start
        and events.block_timestamp < windows.window_end
        and (windows.window_name = 'lifetime' or events.is_in_backtests)
