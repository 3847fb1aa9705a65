{#
    The feature dictionary of the earlier work on scam addresses: 31 features,
    computed by the model int_features__window_addresses from the aggregates
    beside it.
#}
{% macro dictionary_features() %}
    {{ return([
        {
            'name': 'in_degree',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Incoming events.',
            'phrase': 'Received {value}',
            'zero_phrase': 'Never received a transaction',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'out_degree',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Outgoing events, contract creations included.',
            'phrase': 'Sent {value}',
            'zero_phrase': 'Never sent a transaction',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'unique_in_degree',
            'data_type': 'int64',
            'unit': 'count',
            'description':
                'Distinct senders of the incoming events. The address itself counts after a transfer to
                itself.',
            'phrase': 'Received from {value}',
            'zero_phrase': 'Never received from another address',
            'singular': 'address',
            'plural': 'addresses',
        },
        {
            'name': 'unique_out_degree',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Distinct recipients of the outgoing events. A contract creation has none.',
            'phrase': 'Sent to {value}',
            'zero_phrase': 'Never sent to another address',
            'singular': 'address',
            'plural': 'addresses',
        },
        {
            'name': 'avg_amount_incoming',
            'data_type': 'float64',
            'unit': 'wei',
            'description':
                'Mean value of the incoming events in wei, those of value 0 included. 0 without incoming
                events.',
            'is_of_amounts': true,
            'phrase': 'Received {value} a transaction on average',
            'zero_phrase': 'Received no ether',
        },
        {
            'name': 'total_amount_incoming',
            'data_type': 'float64',
            'unit': 'wei',
            'description':
                'Sum of the values of the incoming events in wei. 0 without incoming events.',
            'is_of_amounts': true,
            'phrase': 'Received {value} in all',
            'zero_phrase': 'Received no ether',
        },
        {
            'name': 'max_amount_incoming',
            'data_type': 'float64',
            'unit': 'wei',
            'description': 'Largest value of an incoming event in wei. 0 without incoming events.',
            'is_of_amounts': true,
            'phrase': 'Received {value} at most in one transaction',
            'zero_phrase': 'Received no ether',
        },
        {
            'name': 'min_amount_incoming',
            'data_type': 'float64',
            'unit': 'wei',
            'description': 'Smallest value of an incoming event in wei. 0 without incoming events.',
            'is_of_amounts': true,
            'phrase': 'Received {value} or more each time',
            'zero_phrase': 'Received nothing at least once',
        },
        {
            'name': 'avg_amount_outgoing',
            'data_type': 'float64',
            'unit': 'wei',
            'description':
                'Mean value of the outgoing events in wei, those of value 0 included. 0 without outgoing
                events. Fees are not part of it.',
            'is_of_amounts': true,
            'phrase': 'Sent {value} a transaction on average',
            'zero_phrase': 'Sent no ether',
        },
        {
            'name': 'total_amount_outgoing',
            'data_type': 'float64',
            'unit': 'wei',
            'description':
                'Sum of the values of the outgoing events in wei, without fees. 0 without outgoing
                events.',
            'is_of_amounts': true,
            'phrase': 'Sent {value} in all',
            'zero_phrase': 'Sent no ether',
        },
        {
            'name': 'max_amount_outgoing',
            'data_type': 'float64',
            'unit': 'wei',
            'description': 'Largest value of an outgoing event in wei. 0 without outgoing events.',
            'is_of_amounts': true,
            'phrase': 'Sent {value} at most in one transaction',
            'zero_phrase': 'Sent no ether',
        },
        {
            'name': 'min_amount_outgoing',
            'data_type': 'float64',
            'unit': 'wei',
            'description': 'Smallest value of an outgoing event in wei. 0 without outgoing events.',
            'is_of_amounts': true,
            'phrase': 'Sent {value} or more each time',
            'zero_phrase': 'Sent nothing at least once',
        },
        {
            'name': 'avg_time_incoming',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                "Mean time of the incoming events, in seconds since the window's first transaction. 0
                without incoming events. Says when an address lived, not how it behaves.",
            'is_of_absolute_time': true,
            'phrase': 'Received on average {value} after the data begins',
            'zero_phrase': 'Never received a transaction, or only when the data begins',
        },
        {
            'name': 'avg_time_outgoing',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                "Mean time of the outgoing events, in seconds since the window's first transaction. 0
                without outgoing events. Says when an address lived, not how it behaves.",
            'is_of_absolute_time': true,
            'phrase': 'Sent on average {value} after the data begins',
            'zero_phrase': 'Never sent a transaction, or only when the data begins',
        },
        {
            'name': 'total_tx_time',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                'Sum of the gaps between consecutive events, in seconds. 0 with one event. The same
                number as active_duration.',
            'alias_of': 'active_duration',
            'phrase': '{value} from its first to its last transaction',
            'zero_phrase': 'Was active at one moment only',
        },
        {
            'name': 'active_duration',
            'data_type': 'float64',
            'unit': 'seconds',
            'description': 'Seconds from the first to the last event. 0 with one event.',
            'phrase': 'Active for {value} from its first to its last transaction',
            'zero_phrase': 'Was active at one moment only',
        },
        {
            'name': 'mean_time_interval',
            'data_type': 'float64',
            'unit': 'seconds',
            'description': 'Mean gap between consecutive events, in seconds. 0 with one event.',
            'phrase': 'Pauses {value} between transactions on average',
            'zero_phrase': 'Has no pause between transactions',
        },
        {
            'name': 'max_time_interval',
            'data_type': 'float64',
            'unit': 'seconds',
            'description': 'Longest gap between consecutive events, in seconds. 0 with one event.',
            'phrase': 'Paused {value} at most between transactions',
            'zero_phrase': 'Has no pause between transactions',
        },
        {
            'name': 'min_time_interval',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                'Shortest gap between consecutive events, in seconds. 0 with one event, and with two
                events in the same second.',
            'phrase': 'Paused {value} or more between any two transactions',
            'zero_phrase': 'Made transactions at the same moment or only one',
        },
        {
            'name': 'burstiness',
            'data_type': 'float64',
            'unit': 'number',
            'description':
                'Longest gap over median gap, a ratio. The median is exact, the mean of the middle two
                for an even number of gaps. 0 for one or two events. The longest gap itself, in seconds,
                where the median is 0.',
            'phrase': 'Its longest pause is {value} times its usual one',
            'zero_phrase': 'Has fewer than three transactions or no pause between them',
        },
        {
            'name': 'tx_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Events: in_degree + out_degree. A transfer to oneself counts twice.',
            'phrase': 'Took part in {value}',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'activity_density',
            'data_type': 'float64',
            'unit': 'per_second',
            'description': 'Events per second: tx_count / (active_duration + 1).',
            'phrase': 'While active, one transaction every {value}',
        },
        {
            'name': 'incoming_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Incoming events. The same number as in_degree.',
            'alias_of': 'in_degree',
            'phrase': 'Received {value}',
            'zero_phrase': 'Never received a transaction',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'outgoing_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Outgoing events. The same number as out_degree.',
            'alias_of': 'out_degree',
            'phrase': 'Sent {value}',
            'zero_phrase': 'Never sent a transaction',
            'singular': 'transaction',
            'plural': 'transactions',
        },
        {
            'name': 'in_out_ratio',
            'data_type': 'float64',
            'unit': 'number',
            'description': '(incoming_count + 1) / (outgoing_count + 1).',
            'phrase': 'Has {value} incoming transactions to one outgoing, counting one more of each',
        },
        {
            'name': 'hour_mean',
            'data_type': 'float64',
            'unit': 'hour',
            'max_value': 23,
            'description':
                'Mean UTC hour of day of the events, 0 to 23, an arithmetic mean, so 23 and 1 give 12.',
            'phrase': 'Transacts around {value} on average',
        },
        {
            'name': 'hour_entropy',
            'data_type': 'float64',
            'unit': 'bits',
            'max_value': 4.585,
            'description':
                'Shannon entropy of the UTC hours of day of the events, in bits: 0 if all fall into one
                hour, 4.58 if spread evenly over 24.',
            'phrase': 'Spreads its transactions over about {value} hours of the day',
            'zero_phrase': 'Transacts in a single hour of the day',
        },
        {
            'name': 'last_seen',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                "Time of the last event, in seconds since the window's first transaction. Says when an
                address lived, not how it behaves.",
            'is_of_absolute_time': true,
            'phrase': 'Last seen {value} after the data begins',
            'zero_phrase': 'Last seen when the data begins',
        },
        {
            'name': 'recency',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                "Seconds from the last event to the window's last transaction. Says when an address
                lived, not how it behaves.",
            'is_of_absolute_time': true,
            'phrase': 'Last seen {value} before the data ends',
            'zero_phrase': 'Last seen when the data ends',
        },
        {
            'name': 'avg_gas_price',
            'data_type': 'float64',
            'unit': 'gas_price',
            'description':
                'Mean gas price of the events in wei per unit of gas. NULL where the input has none.',
            'when_absent': 'NULL',
            'phrase': 'The gas price of its transactions averages {value}',
            'unknown_phrase': 'The gas price of its transactions is unknown',
        },
        {
            'name': 'avg_gas_limit',
            'data_type': 'float64',
            'unit': 'number',
            'description':
                'Mean gas limit of the events in units of gas. NULL where the input has none.',
            'when_absent': 'NULL',
            'phrase': 'The gas limit of its transactions averages {value} units',
            'unknown_phrase': 'The gas limit of its transactions is unknown',
        },
    ]) }}
{% endmacro %}
