{%- set hub = 100 %}
{%- set scale = '1e12' %}

with

edges as (

    select * from {{ ref('int_features__changed_edges') }}
    where counterparty_key <> address_key

),

-- Logarithms as integers, so that the order of the terms does not change the
-- sum.
degrees as (

    select
        window_id,
        address_key,
        counterparty_count,
        cast(round(ln(counterparty_count) * {{ scale }}) as {{ type_wei() }})
            as scaled_log
    from {{ ref('int_features__window_degrees') }}

),

contracts as (

    select * from {{ ref('int_addresses__contracts') }}

),

totals as (

    select
        edges.window_id,
        edges.address_key,
        count(*) as counterparties,
        count(contracts.address_key) as contracts,
        count(case when edges.incoming_count > 0 then 1 end) as senders,
        count(case when edges.outgoing_count > 0 then 1 end) as recipients,
        {{ sum_exactly('edges.incoming_wei') }} as incoming_wei,
        {{ sum_exactly('edges.outgoing_wei') }} as outgoing_wei,
        {{ sum_exactly(
            'case when degrees.counterparty_count >= ' ~ hub
            ~ ' then edges.incoming_wei else 0 end'
        ) }} as hub_incoming_wei,
        {{ sum_exactly(
            'case when degrees.counterparty_count >= ' ~ hub
            ~ ' then edges.outgoing_wei else 0 end'
        ) }} as hub_outgoing_wei,
        {{ sum_exactly(
            'case when edges.incoming_count > 0 then degrees.scaled_log end'
        ) }} as sender_logs,
        {{ sum_exactly(
            'case when edges.outgoing_count > 0 then degrees.scaled_log end'
        ) }} as recipient_logs,
        count(
            case
                when edges.incoming_count > 0 and degrees.counterparty_count = 1
                    then 1
            end
        ) as leaf_senders,
        count(
            case
                when edges.outgoing_count > 0 and degrees.counterparty_count = 1
                    then 1
            end
        ) as leaf_recipients
    from edges
    inner join degrees
        on
            edges.window_id = degrees.window_id
            and edges.counterparty_key = degrees.address_key
    left join contracts on edges.counterparty_key = contracts.address_key
    group by edges.window_id, edges.address_key

)

select
    window_id,
    address_key,
    {{ mean_or_zero('contracts', 'counterparties') }}
        as contract_counterparty_share,
    {{ mean_or_zero('hub_incoming_wei', 'incoming_wei') }}
        as hub_incoming_value_share,
    {{ mean_or_zero('hub_outgoing_wei', 'outgoing_wei') }}
        as hub_outgoing_value_share,
    {{ mean_or_zero('sender_logs', 'senders') }} / {{ scale }}
        as mean_log_sender_degree,
    {{ mean_or_zero('recipient_logs', 'recipients') }} / {{ scale }}
        as mean_log_recipient_degree,
    {{ mean_or_zero('leaf_senders', 'senders') }} as leaf_sender_share,
    {{ mean_or_zero('leaf_recipients', 'recipients') }} as leaf_recipient_share
from totals
