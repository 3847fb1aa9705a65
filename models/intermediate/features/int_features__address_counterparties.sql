with

edges as (

    select
        *,
        incoming_count + outgoing_count as events,
        counterparty_key <> address_key as is_other
    from {{ ref('int_features__changed_edges') }}

),

totals as (

    select
        window_id,
        address_key,
        count(case when incoming_count > 0 then 1 end) as unique_senders,
        count(case when outgoing_count > 0 then 1 end) as unique_recipients,
        count(case when is_other then 1 end) as counterparties,
        count(case when is_other and events = 1 then 1 end) as met_once,
        count(
            case
                when is_other and incoming_count > 0 and outgoing_count > 0
                    then 1
            end
        ) as reciprocal,
        sum(incoming_count) as incoming,
        sum(outgoing_count) as outgoing,
        {{ sum_exactly('incoming_count * incoming_count') }}
            as squared_incoming,
        {{ sum_exactly('outgoing_count * outgoing_count') }}
            as squared_outgoing,
        {{ sum_exactly('incoming_wei') }} as incoming_wei,
        {{ sum_exactly('outgoing_wei') }} as outgoing_wei,
        max(incoming_wei) as top_sender_wei,
        max(outgoing_wei) as top_recipient_wei
    from edges
    group by window_id, address_key

)

-- The squares of the shares of a Herfindahl index, over their common divisor.
select
    window_id,
    address_key,
    unique_senders,
    unique_recipients,
    counterparties as counterparty_count,
    {{ mean_or_zero('squared_incoming', 'incoming * incoming') }}
        as sender_concentration,
    {{ mean_or_zero('squared_outgoing', 'outgoing * outgoing') }}
        as recipient_concentration,
    {{ mean_or_zero('top_sender_wei', 'incoming_wei') }}
        as top_sender_value_share,
    {{ mean_or_zero('top_recipient_wei', 'outgoing_wei') }}
        as top_recipient_value_share,
    {{ mean_or_zero('met_once', 'counterparties') }}
        as single_event_counterparty_share,
    {{ mean_or_zero('reciprocal', 'counterparties') }}
        as reciprocal_counterparty_share,
    {{ mean_or_zero('incoming', 'unique_senders') }} as events_per_sender,
    {{ mean_or_zero('outgoing', 'unique_recipients') }}
        as events_per_recipient
from totals
