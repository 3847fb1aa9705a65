{# Whom an address deals with, and how evenly. #}
{% macro counterparty_features() %}
    {{ return([
        {
            'name': 'counterparty_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Distinct addresses, other than itself, that it sent to or received from.',
            'reason_topic': 'counterparties',
            'phrase': 'Dealt with {value}',
            'zero_phrase': 'Dealt with no other address',
            'singular': 'other address',
            'plural': 'other addresses',
        },
        {
            'name': 'sender_concentration',
            'data_type': 'float64',
            'unit': 'number',
            'max_value': 1,
            'description':
                'Herfindahl index of the incoming events over senders: the sum of the squared shares, 1
                if all come from one sender, 1/n if evenly from n. 0 without incoming events.',
            'phrase':
                'The concentration of its incoming transactions is {value}, where 1 is a single sender',
            'zero_phrase': 'Never received a transaction, so the concentration of its senders is 0',
        },
        {
            'name': 'recipient_concentration',
            'data_type': 'float64',
            'unit': 'number',
            'max_value': 1,
            'description':
                'Herfindahl index of the outgoing events over recipients, contract creations left out: 1
                if all go to one recipient, 1/n if evenly to n. 0 without a recipient.',
            'phrase':
                'The concentration of its outgoing transactions is {value}, where 1 is a single
                recipient',
            'zero_phrase': 'Never sent to an address, so the concentration of its recipients is 0',
        },
        {
            'name': 'top_sender_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming value that came from the sender of most value. 0 without incoming
                value.',
            'is_of_amounts': true,
            'reason_topic': 'main sender',
            'reason_side': 'incoming',
            'phrase': 'One sender gave {value} of the ether it received',
            'zero_phrase': 'Received no ether, so one sender gave 0 % of it',
        },
        {
            'name': 'top_recipient_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the outgoing value that went to the recipient of most value. Value sent
                with contract creations is in neither. 0 without outgoing value. High where
                everything leaves to one collecting point or exchange.',
            'is_of_amounts': true,
            'reason_topic': 'main recipient',
            'reason_side': 'outgoing',
            'phrase': '{value} of the ether it sent went to one address',
            'zero_phrase': 'Sent no ether, so 0 % of it went to one address',
        },
        {
            'name': 'single_event_counterparty_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the counterparties, other than itself, with a single event. 0 without
                counterparties.',
            'reason_topic': 'repeat dealings',
            'phrase': 'Dealt only once with {value} of its counterparties',
            'zero_phrase': 'Dealt more than once with all its counterparties',
        },
        {
            'name': 'reciprocal_counterparty_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the counterparties, other than itself, that it both sent to and received from.
                0 without counterparties. Victims get nothing back.',
            'reason_topic': 'repeat dealings',
            'reason_side': 'both',
            'phrase': '{value} of its counterparties both sent and received',
            'zero_phrase': 'None of its counterparties both sent and received',
        },
        {
            'name': 'events_per_sender',
            'data_type': 'float64',
            'unit': 'number',
            'description': 'Incoming events per distinct sender. 0 without incoming events.',
            'reason_topic': 'main sender',
            'reason_side': 'incoming',
            'phrase': 'Each sender sent {value} times on average',
            'zero_phrase': 'Never received a transaction, so 0 a sender',
        },
        {
            'name': 'events_per_recipient',
            'data_type': 'float64',
            'unit': 'number',
            'description':
                'Outgoing events per distinct recipient, contract creations left out. 0 without a
                recipient.',
            'reason_topic': 'main recipient',
            'reason_side': 'outgoing',
            'phrase': 'Each recipient was sent to {value} times on average',
            'zero_phrase': 'Never sent to an address, so 0 a recipient',
        },
    ]) }}
{% endmacro %}

{# What kind of addresses the counterparties are. #}
{% macro neighbour_features() %}
    {{ return([
        {
            'name': 'contract_counterparty_share',
            'data_type': 'float64',
            'unit': 'share',
            'refreshed_with_training': true,
            'description':
                'Share of the counterparties, other than itself, that are known contracts
                (`int_addresses__contracts`). 0 without counterparties.',
            'reason_topic': 'contracts',
            'phrase': '{value} of its counterparties are contracts',
            'zero_phrase': 'None of its counterparties is a known contract',
        },
        {
            'name': 'hub_incoming_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the value from others that came from hubs, addresses with 100 or more
                counterparties in the window. 0 without incoming value. Depends on how complete the
                transactions of the counterparties are.',
            'is_of_amounts': true,
            'is_of_others': true,
            'refreshed_with_training': true,
            'phrase':
                '{value} of the ether it received came from addresses with a hundred counterparties or
                more',
            'zero_phrase': 'No ether came from addresses with a hundred counterparties or more',
        },
        {
            'name': 'hub_outgoing_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the value sent to others that went to hubs, addresses with 100 or more
                counterparties in the window, such as exchanges. 0 without outgoing value. Depends on
                how complete the transactions of the counterparties are.',
            'is_of_amounts': true,
            'is_of_others': true,
            'refreshed_with_training': true,
            'phrase':
                '{value} of the ether it sent went to addresses with a hundred counterparties or more',
            'zero_phrase': 'No ether went to addresses with a hundred counterparties or more',
        },
        {
            'name': 'mean_log_sender_degree',
            'data_type': 'float64',
            'unit': 'log',
            'description':
                'Mean over the senders, other than itself, of the natural logarithm of how many
                counterparties each has in the window. 0 without senders. Depends on how complete the
                transactions of the counterparties are.',
            'is_of_others': true,
            'refreshed_with_training': true,
            'is_of_coverage': true,
            'phrase': 'Its senders have about {value} counterparties each',
            'zero_phrase': 'Its senders have no other counterparty',
        },
        {
            'name': 'mean_log_recipient_degree',
            'data_type': 'float64',
            'unit': 'log',
            'description':
                'Mean over the recipients, other than itself, of the natural logarithm of how many
                counterparties each has in the window. 0 without recipients. Depends on how complete the
                transactions of the counterparties are.',
            'is_of_others': true,
            'refreshed_with_training': true,
            'is_of_coverage': true,
            'phrase': 'Its recipients have about {value} counterparties each',
            'zero_phrase': 'Its recipients have no other counterparty',
        },
        {
            'name': 'leaf_sender_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the senders, other than itself, that have no other counterparty in the window.
                0 without senders. Depends on how complete the transactions of the counterparties are.',
            'is_of_others': true,
            'refreshed_with_training': true,
            'is_of_coverage': true,
            'phrase': '{value} of its senders have no other counterparty',
            'zero_phrase': 'No sender without other counterparties',
        },
        {
            'name': 'leaf_recipient_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the recipients, other than itself, that have no other counterparty in the
                window. 0 without recipients. Depends on how complete the transactions of the
                counterparties are.',
            'is_of_others': true,
            'refreshed_with_training': true,
            'is_of_coverage': true,
            'phrase': '{value} of its recipients have no other counterparty',
            'zero_phrase': 'No recipient without other counterparties',
        },
    ]) }}
{% endmacro %}

{# Who sent an address its first ether. #}
{% macro first_funder_features() %}
    {{ return([
        {
            'name': 'first_incoming_eth',
            'data_type': 'float64',
            'unit': 'eth',
            'description':
                'Value in ETH of the first incoming event in the window that moved anything and was not
                from itself. Where data without transaction indexes do not tell which was first in a
                block, the largest of the block. 0 without one.',
            'is_of_amounts': true,
            'reason_topic': 'incoming amount',
            'reason_side': 'incoming',
            'phrase': 'The first ether it received was {value}',
            'zero_phrase': 'Received no ether',
        },
        {
            'name': 'first_funder_entity_count',
            'data_type': 'int64',
            'unit': 'count',
            'max_value': 1,
            'refreshed_with_training': true,
            'description':
                "1 if the sender of the first incoming value in the window is a known entity, such as an
                exchange, by a label known by the window's end. Else 0.",
            'reason_topic': 'first funder',
            'reason_side': 'incoming',
            'phrase': 'First funded by {value}',
            'zero_phrase': 'Not first funded by a known service',
            'singular': 'known service',
            'plural': 'known services',
        },
    ]) }}
{% endmacro %}
