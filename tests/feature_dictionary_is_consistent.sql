{{ config(tags=['whole_history']) }}

-- Columns of the feature dictionary that follow from one another agree; means
-- of amounts are floating point and may be off in the last digits.
with

features as (

    select * from {{ ref('address_window_features') }}

),

windows as (

    select
        window_name,
        {{ epoch_seconds('data_end_at') }}
        - {{ epoch_seconds('origin_at') }} as data_seconds
    from {{ ref('feature_windows') }}

)

select
    features.window_name,
    features.address
from features
inner join windows on features.window_name = windows.window_name
where
    features.tx_count < 1
    or features.tx_count <> features.in_degree + features.out_degree
    or features.incoming_count <> features.in_degree
    or features.outgoing_count <> features.out_degree
    or features.unique_in_degree > features.in_degree
    or features.unique_out_degree > features.out_degree
    or features.total_tx_time <> features.active_duration
    or features.last_seen + features.recency <> windows.data_seconds
    or features.active_duration > features.last_seen
    or features.avg_time_incoming > features.last_seen
    or features.avg_time_outgoing > features.last_seen
    or features.min_time_interval > features.mean_time_interval
    or features.mean_time_interval > features.max_time_interval
    or features.max_time_interval > features.active_duration
    or (features.tx_count <= 2 and features.burstiness <> 0)
    or (features.tx_count > 2 and features.active_duration > 0)
    <> (features.burstiness > 0)
    or features.max_amount_incoming > features.total_amount_incoming
    or features.max_amount_outgoing > features.total_amount_outgoing
    or features.min_amount_incoming
    > features.avg_amount_incoming * 1.000000000001
    or features.min_amount_outgoing
    > features.avg_amount_outgoing * 1.000000000001
    or features.avg_amount_incoming
    > features.max_amount_incoming * 1.000000000001
    or features.avg_amount_outgoing
    > features.max_amount_outgoing * 1.000000000001
