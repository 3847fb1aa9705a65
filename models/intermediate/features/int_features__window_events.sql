with

events as (

    select * from {{ ref('int_events__transaction_events') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

)

select
    windows.window_id,
    {%- for column in event_columns() %}
    events.{{ column }},
    {%- endfor %}
    events.event_bucket
from events
inner join windows
    on
        events.block_timestamp >= windows.window_start
        and events.block_timestamp < windows.window_end
where {{ has_features('events.address_key') }}
