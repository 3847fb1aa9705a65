-- depends_on: {{ ref('int_scam_population') }}

with

events as (

    select
        address_key,
        block_timestamp,
        lag(block_timestamp) over (
            partition by address_key
            order by block_timestamp
        ) as previous_block_timestamp
    from {{ ref('int_transaction_events') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

-- Two consecutive events make a gap of a window if both lie in it.
gaps as (

    select
        windows.window_id,
        events.address_key,
        {{ epoch_seconds('events.block_timestamp') }}
        - {{ epoch_seconds('events.previous_block_timestamp') }}
            as gap_seconds
    from events
    inner join windows
        on
            events.previous_block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
    where {{ has_features('events.address_key') }}

)

select
    window_id,
    address_key,
    count(*) as gaps,
    count(case when gap_seconds <= 3600 then 1 end) as gaps_within_hour,
    sum(gap_seconds) as gap_seconds,
    max(gap_seconds) as max_gap_seconds,
    min(gap_seconds) as min_gap_seconds,
    {{ exact_median('gap_seconds') }} as median_gap_seconds
from gaps
group by window_id, address_key
