with

edges as (

    {{ merged_parts(
        'int_features__edge_parts',
        ['window_id', 'address_key', 'counterparty_key'],
        counts=['incoming_count', 'outgoing_count'],
        sums=['incoming_wei', 'outgoing_wei'],
        only_changed=false
    ) }}

)

select * from edges
