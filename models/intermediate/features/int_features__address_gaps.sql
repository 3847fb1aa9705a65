with

events as (

    select
        address_key,
        block_timestamp
    from {{ ref('int_events__transaction_events') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

event_pairs as (

    {{ with_previous_time('events', 'address_key', 'block_timestamp') }}

),

-- Two consecutive events make a gap of a window if both lie in it.
gaps as (

    select
        windows.window_id,
        event_pairs.address_key,
        {{ epoch_seconds('event_pairs.block_timestamp') }}
        - {{ epoch_seconds('event_pairs.previous_block_timestamp') }}
            as gap_seconds
    from event_pairs
    inner join windows
        on
            event_pairs.previous_block_timestamp >= windows.window_start
            and event_pairs.block_timestamp < windows.window_end
    where {{ has_features('event_pairs.address_key') }}

),

summaries as (

    {{ summary_by_group(
        'gaps', ['window_id', 'address_key'], 'gap_seconds', low=3600
    ) }}

)

select
    window_id,
    address_key,
    number as gaps,
    low_number as gaps_within_hour,
    total as gap_seconds,
    largest as max_gap_seconds,
    smallest as min_gap_seconds,
    median as median_gap_seconds
from summaries
