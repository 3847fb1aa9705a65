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
        windows.window_name,
        events.address_key,
        {{ epoch_seconds('events.block_timestamp') }}
        - {{ epoch_seconds('events.previous_block_timestamp') }}
            as gap_seconds
    from events
    inner join windows
        on
            events.previous_block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end

),

ranked as (

    select
        *,
        row_number() over (
            partition by window_name, address_key
            order by gap_seconds
        ) as gap_rank,
        count(*) over (partition by window_name, address_key) as gaps
    from gaps

)

-- The median is the middle gap, or the mean of the middle two.
select
    window_name,
    address_key,
    max(gaps) as gaps,
    sum(gap_seconds) as gap_seconds,
    max(gap_seconds) as max_gap_seconds,
    min(gap_seconds) as min_gap_seconds,
    avg(
        case
            when gap_rank * 2 between gaps and gaps + 2 then gap_seconds
        end
    ) as median_gap_seconds
from ranked
group by window_name, address_key
