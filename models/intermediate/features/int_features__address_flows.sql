{#- Its medians and its totals are much to read for one statement. -#}
{{ config(materialized='table' if loads_incrementally() else 'view') }}

with

totals as (

    {{ merged_parts(
        'int_features__flow_parts', ['window_id', 'address_key'],
        counts=[
            'events', 'outgoing', 'turns', 'gaps_within_hour',
            'outgoing_within_hour', 'outgoing_within_day',
        ],
        sums=['incoming_wei', 'outgoing_wei', 'outgoing_within_day_wei'],
        smallest=[
            'first_number', 'first_outgoing_number', 'min_gap_seconds',
            'first_incoming_seconds', 'first_outgoing_seconds',
        ],
        largest=[
            'last_number', 'last_outgoing_number', 'max_gap_seconds',
            'largest_incoming_wei', 'largest_outgoing_wei',
        ]
    ) }}

),

{% if medians_are_direct() -%}
flows as (

    select * from totals

)
{%- else -%}
flows as (

    select
        totals.*,
        medians.median_gap_seconds,
        medians.median_delay_seconds
    from totals
    left join {{ ref('int_features__address_medians') }} as medians
        on
            totals.window_id = medians.window_id
            and totals.address_key = medians.address_key

)
{%- endif %}

select
    window_id,
    address_key,

    gaps_within_hour,
    max_gap_seconds,
    min_gap_seconds,
    median_gap_seconds,

    {{ mean_or_zero('least(outgoing_wei, incoming_wei)', 'incoming_wei') }}
        as passed_on_share,
    {{ mean_or_zero(
        'least(outgoing_within_day_wei, incoming_wei)', 'incoming_wei'
    ) }} as passed_on_within_day_share,
    {{ mean_or_zero('outgoing_within_hour', 'outgoing') }}
        as sent_within_hour_share,
    {{ mean_or_zero('outgoing_within_day', 'outgoing') }}
        as sent_within_day_share,
    cast(
        first_outgoing_seconds - first_incoming_seconds as {{ type_double() }}
    ) as first_in_to_first_out_seconds,
    cast(median_delay_seconds as {{ type_double() }})
        as median_in_to_out_seconds,
    {{ mean_or_zero('turns', 'events - 1') }} as direction_change_share,
    -- All events before the first outgoing one are incoming, likewise after the
    -- last. Without an outgoing event, all come before it and none after.
    {{ mean_or_zero(
        'coalesce(first_outgoing_number - first_number, events)',
        'events - outgoing'
    ) }} as received_before_first_sent_share,
    {{ mean_or_zero(
        'last_number - last_outgoing_number', 'events - outgoing'
    ) }} as received_after_last_sent_share,
    {{ mean_or_zero('largest_incoming_wei', 'incoming_wei') }}
        as largest_incoming_share,
    {{ mean_or_zero('largest_outgoing_wei', 'outgoing_wei') }}
        as largest_outgoing_share
from flows
