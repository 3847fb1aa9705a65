{#
    Paths from an address to scams that the fit of a model knows: one hop and
    two. A scam the fit knows is one of its training rows, never the address
    itself.
#}
{% macro proximity_features() %}
    {{ return([
        {
            'name': 'scam_counterparty_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the counterparties, other than itself, that are scams the fit knows. 0 without
                any.',
            'reason_topic': 'known scams',
            'phrase': '{value} of its counterparties are known scams',
            'zero_phrase': 'None of its counterparties is a known scam',
        },
        {
            'name': 'sent_to_scam_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Outgoing events to other scams the fit knows.',
            'reason_topic': 'sent to known scams',
            'reason_side': 'outgoing',
            'phrase': 'Sent {value} to known scams',
            'zero_phrase': 'Sent nothing to known scams',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'received_from_scam_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Incoming events from other scams the fit knows.',
            'monotone_direction': 1,
            'reason_topic': 'received from known scams',
            'reason_side': 'incoming',
            'phrase': 'Received {value} from known scams',
            'zero_phrase': 'Received nothing from known scams',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'sent_to_scam_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the outgoing value that went to other scams the fit knows. 0 without outgoing
                value.',
            'is_of_amounts': true,
            'reason_topic': 'sent to known scams',
            'reason_side': 'outgoing',
            'phrase': '{value} of the ether it sent went to known scams',
            'zero_phrase': 'None of the ether it sent went to known scams',
        },
        {
            'name': 'received_from_scam_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming value that came from other scams the fit knows. 0 without
                incoming value.',
            'is_of_amounts': true,
            'monotone_direction': 1,
            'reason_topic': 'received from known scams',
            'reason_side': 'incoming',
            'phrase': '{value} of the ether it received came from known scams',
            'zero_phrase': 'None of the ether it received came from known scams',
        },
        {
            'name': 'scam_neighbour_count',
            'data_type': 'int64',
            'unit': 'count',
            'description':
                'Counterparties that themselves deal with a scam the fit knows, other than this address
                and the counterparty itself. Counterparties with more than 1,000 counterparties in the
                window, such as exchanges, do not count: nearly every address is two hops from one.',
            'reason_topic': 'neighbours of known scams',
            'phrase': 'Dealt with {value} with known scams',
            'zero_phrase': 'None of its counterparties deals with another known scam',
            'singular': 'address that deals',
            'plural': 'addresses that deal',
        },
        {
            'name': 'scam_neighbour_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the counterparties, other than itself, that scam_neighbour_count counts. 0
                without counterparties.',
            'reason_topic': 'neighbours of known scams',
            'phrase': '{value} of its counterparties deal with known scams',
            'zero_phrase': 'Of its counterparties, 0 % deal with another known scam',
        },
        {
            'name': 'first_funder_scam_count',
            'data_type': 'int64',
            'unit': 'count',
            'max_value': 1,
            'description':
                '1 if the sender of the first incoming value in the window is another scam the fit
                knows. Else 0.',
            'monotone_direction': 1,
            'reason_topic': 'received from known scams',
            'reason_side': 'incoming',
            'phrase': 'First funded by {value}',
            'zero_phrase': 'Not first funded by a known scam',
            'singular': 'known scam',
            'plural': 'known scams',
        },
    ]) }}
{% endmacro %}
