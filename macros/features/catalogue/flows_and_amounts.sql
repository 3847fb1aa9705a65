{# How ether passes through an address. #}
{% macro flow_features() %}
    {{ return([
        {
            'name': 'passed_on_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the received value that was sent on: outgoing over incoming value, at most 1.
                0 without incoming value. Near 1, the address keeps nothing.',
            'is_of_amounts': true,
            'reason_topic': 'passing on',
            'reason_side': 'both',
            'phrase': 'Sent on {value} of the ether it received',
            'zero_phrase': 'Sent on none of the ether it received',
        },
        {
            'name': 'passed_on_within_day_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Value sent at most 24 hours after the latest incoming event, over all incoming value,
                at most 1. 0 without incoming value.',
            'is_of_amounts': true,
            'reason_topic': 'passing on',
            'reason_side': 'both',
            'phrase': 'Sent on {value} of the ether it received within a day',
            'zero_phrase': 'Sent nothing on within a day of receiving',
        },
        {
            'name': 'sent_within_hour_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the outgoing events that come at most one hour after the latest incoming one.
                0 without outgoing events. Counts events, not value.',
            'reason_topic': 'time to pass on',
            'reason_side': 'both',
            'phrase': '{value} of its payments left within an hour of receiving',
            'zero_phrase': 'None of its payments left within an hour of receiving',
        },
        {
            'name': 'sent_within_day_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the outgoing events that come at most 24 hours after the latest incoming one.
                0 without outgoing events. Counts events, not value.',
            'reason_topic': 'time to pass on',
            'reason_side': 'both',
            'phrase': '{value} of its payments left within a day of receiving',
            'zero_phrase': 'None of its payments left within a day of receiving',
        },
        {
            'name': 'first_in_to_first_out_seconds',
            'data_type': 'float64',
            'unit': 'seconds',
            'min_value': none,
            'description':
                'Seconds from the first incoming to the first outgoing event. Negative if the address
                sent before it received (its funds are from before the window, or from mining). NULL if
                it only sent or only received.',
            'when_absent': 'NULL',
            'reason_topic': 'time to pass on',
            'reason_side': 'both',
            'phrase': 'First sent {value} after it first received',
            'zero_phrase': 'First sent in the moment it first received',
            'unknown_phrase': 'Only received or only sent',
        },
        {
            'name': 'median_in_to_out_seconds',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                'Median over the outgoing events of the seconds since the latest incoming one. NULL
                without an outgoing event after an incoming one.',
            'when_absent': 'NULL',
            'reason_topic': 'time to pass on',
            'reason_side': 'both',
            'phrase': 'Usually sends {value} after receiving',
            'zero_phrase': 'Usually sends in the moment it receives',
            'unknown_phrase': 'Never sent after receiving',
        },
        {
            'name': 'direction_change_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of consecutive events of which one is incoming and the other outgoing (within a
                second, incoming counts as first). 0 with one event. High for pass-through addresses,
                low for those that collect first and empty later.',
            'reason_topic': 'order of events',
            'reason_side': 'both',
            'phrase': 'Turns from receiving to sending or back in {value} of its steps',
            'zero_phrase': 'Never turns from receiving to sending or back',
        },
        {
            'name': 'received_before_first_sent_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming events up to the second of the first outgoing one, 1 if nothing
                was ever sent. 0 without incoming events. High for an address that collects first.',
            'reason_topic': 'order of events',
            'reason_side': 'both',
            'phrase': '{value} of its incoming transactions came before it first sent',
            'zero_phrase': 'None of its incoming transactions came before it first sent',
        },
        {
            'name': 'received_after_last_sent_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming events after the second of the last outgoing one. 0 without
                outgoing or incoming events. What still arrives at an address its owner has left.',
            'reason_topic': 'order of events',
            'reason_side': 'both',
            'phrase': '{value} of its incoming transactions came after it last sent',
            'zero_phrase': 'Nothing came in after it last sent',
        },
        {
            'name': 'largest_incoming_share',
            'data_type': 'float64',
            'unit': 'share',
            'description': 'Largest incoming value over all incoming value. 0 without incoming value.',
            'is_of_amounts': true,
            'reason_topic': 'largest payment',
            'reason_side': 'incoming',
            'phrase': 'Its largest incoming payment is {value} of what it received',
            'zero_phrase': 'Received no ether, so its largest payment is 0 % of it',
        },
        {
            'name': 'largest_outgoing_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Largest outgoing value over all outgoing value. 0 without outgoing value. Near 1 for an
                address that is emptied in one payment.',
            'is_of_amounts': true,
            'reason_topic': 'largest payment',
            'reason_side': 'outgoing',
            'phrase': 'Its largest outgoing payment is {value} of what it sent',
            'zero_phrase': 'Sent no ether, so its largest outgoing payment is 0 % of it',
        },
    ]) }}
{% endmacro %}

{# What kind of amounts an address moves. #}
{% macro amount_features() %}
    {{ return([
        {
            'name': 'round_incoming_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming events with a value that have a round one, as people type it: a
                multiple of 0.1 ETH, below 1 ETH of 0.01 ETH, below 0.1 ETH of 0.001 ETH. 0 without
                incoming value.',
            'is_of_amounts': true,
            'reason_topic': 'incoming amounts alike',
            'reason_side': 'incoming',
            'phrase': '{value} of its incoming payments are round amounts',
            'zero_phrase': 'None of its incoming payments is a round amount',
        },
        {
            'name': 'round_outgoing_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the outgoing events with a value that have a round one, as in
                round_incoming_share. 0 without outgoing value.',
            'is_of_amounts': true,
            'reason_topic': 'outgoing amounts alike',
            'reason_side': 'outgoing',
            'phrase': '{value} of its outgoing payments are round amounts',
            'zero_phrase': 'None of its outgoing payments is a round amount',
        },
        {
            'name': 'repeated_incoming_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the incoming events with a value that have the most frequent value, to the
                wei. 0 without incoming value. High where all senders pay the same price.',
            'is_of_amounts': true,
            'reason_topic': 'incoming amounts alike',
            'reason_side': 'incoming',
            'phrase': '{value} of its incoming payments are one and the same amount',
            'zero_phrase':
                'Received no ether, so 0 % of its incoming payments are one and the same amount',
        },
        {
            'name': 'zero_value_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the events of value 0: contract calls, failed transactions, signals.',
            'is_of_amounts': true,
            'reason_topic': 'small amounts',
            'phrase': '{value} of its transactions move no ether',
            'zero_phrase': 'All its transactions move ether',
        },
        {
            'name': 'dust_share',
            'data_type': 'float64',
            'unit': 'share',
            'description': 'Share of the events that move more than nothing but less than 0.01 ETH.',
            'is_of_amounts': true,
            'reason_topic': 'small amounts',
            'phrase': '{value} of its transactions move less than 0.01 ETH',
            'zero_phrase': 'None of its transactions moves a little, below 0.01 ETH',
        },
    ]) }}
{% endmacro %}
