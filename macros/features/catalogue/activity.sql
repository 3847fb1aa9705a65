{#
    When and how an address is active, beside the dictionary: computed by the
    model int_features__stored_features from the aggregates beside it.
#}
{% macro activity_features() %}
    {{ return([
        {
            'name': 'median_interval_seconds',
            'data_type': 'float64',
            'unit': 'seconds',
            'description':
                'Median gap between consecutive events in seconds, the mean of the middle two for an
                even number of gaps. 0 with one event.',
            'reason_topic': 'pace',
            'phrase': 'Usually pauses {value} between transactions',
            'zero_phrase': 'Usually has no pause between transactions',
        },
        {
            'name': 'interval_within_hour_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the gaps between consecutive events that are at most one hour. 0 with one
                event.',
            'reason_topic': 'pace',
            'phrase': '{value} of its pauses are an hour or less',
            'zero_phrase': 'Never transacts twice within an hour',
        },
        {
            'name': 'mean_incoming_position_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                "Mean time of the incoming events between the address's first (0) and last event (1). 0
                without incoming events or where all events are in one second. Unlike avg_time_incoming
                it does not say when the address lived.",
            'phrase': 'On average, what it received came {value} into its life',
            'zero_phrase': 'Received only at the start of its life',
        },
        {
            'name': 'failed_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the events whose transaction failed. 0 where the input has no status.',
            'reason_topic': 'failures',
            'phrase': '{value} of its transactions failed',
            'zero_phrase': 'None of its transactions failed',
        },
        {
            'name': 'contract_creation_count',
            'data_type': 'int64',
            'unit': 'count',
            'description':
                'Contracts created by transactions of the address, failed attempts included.',
            'reason_topic': 'contracts',
            'reason_side': 'outgoing',
            'phrase': 'Created {value}',
            'zero_phrase': 'Created no contract',
            'singular': 'contract',
            'plural': 'contracts',
        },
    ]) }}
{% endmacro %}
