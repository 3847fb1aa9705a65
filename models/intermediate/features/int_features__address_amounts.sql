with

used_values as (

    {{ merged_parts(
        'int_features__value_parts',
        ['window_id', 'address_key', 'received_wei'],
        counts=[
            'events', 'positive', 'dust', 'outgoing', 'round_outgoing',
            'round_incoming', 'incoming',
        ]
    ) }}

)

select
    window_id,
    address_key,
    {{ mean_or_zero('sum(round_incoming)', 'sum(incoming)') }}
        as round_incoming_share,
    {{ mean_or_zero('sum(round_outgoing)', 'sum(outgoing)') }}
        as round_outgoing_share,
    {{ mean_or_zero('max(incoming)', 'sum(incoming)') }}
        as repeated_incoming_value_share,
    {{ mean_or_zero('sum(events - positive)', 'sum(events)') }}
        as zero_value_share,
    {{ mean_or_zero('sum(dust)', 'sum(events)') }} as dust_share
from used_values
group by window_id, address_key
