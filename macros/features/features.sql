{# total / number as floating point, 0 where there is nothing to average. #}
{% macro mean_or_zero(total, number) -%}
    coalesce(
        cast({{ total }} as {{ type_double() }})
        / nullif(cast({{ number }} as {{ type_double() }}), 0),
        0
    )
{%- endmacro %}

{#
    The feature dictionary: the columns of address_window_features that
    describe behaviour. Labels are not among them.
#}
{% macro dictionary_features() %}
    {{ return([
        'in_degree', 'out_degree', 'unique_in_degree', 'unique_out_degree',
        'avg_amount_incoming', 'total_amount_incoming', 'max_amount_incoming',
        'min_amount_incoming', 'avg_amount_outgoing', 'total_amount_outgoing',
        'max_amount_outgoing', 'min_amount_outgoing', 'avg_time_incoming',
        'avg_time_outgoing', 'total_tx_time', 'active_duration',
        'mean_time_interval', 'max_time_interval', 'min_time_interval',
        'burstiness', 'tx_count', 'activity_density', 'incoming_count',
        'outgoing_count', 'in_out_ratio', 'hour_mean', 'hour_entropy',
        'last_seen', 'recency', 'avg_gas_price', 'avg_gas_limit',
    ]) }}
{% endmacro %}

{#
    Features of behaviour beside the dictionary, by the model that computes
    them. Where an address has nothing to count or share they are 0, except the
    two delays, which are NULL.
#}
{% macro behaviour_features_by_model() %}
    {{ return({
        'int_features__address_flows': [
            'passed_on_share', 'passed_on_within_day_share',
            'sent_within_hour_share', 'sent_within_day_share',
            'first_in_to_first_out_seconds', 'median_in_to_out_seconds',
            'direction_change_share', 'received_before_first_sent_share',
            'received_after_last_sent_share', 'largest_incoming_share',
        ],
        'int_features__address_amounts': [
            'round_incoming_share', 'round_outgoing_share',
            'repeated_incoming_value_share', 'zero_value_share', 'dust_share',
        ],
        'int_features__address_counterparties': [
            'counterparty_count', 'sender_concentration',
            'recipient_concentration', 'top_sender_value_share',
            'top_recipient_value_share', 'single_event_counterparty_share',
            'reciprocal_counterparty_share', 'events_per_sender',
            'events_per_recipient',
        ],
        'int_features__address_neighbours': [
            'contract_counterparty_share', 'hub_incoming_value_share',
            'hub_outgoing_value_share', 'mean_log_sender_degree',
            'mean_log_recipient_degree', 'leaf_sender_share',
            'leaf_recipient_share',
        ],
        'int_features__address_first_funders': [
            'first_incoming_eth', 'is_first_funder_entity',
        ],
        'int_features__address_tokens': [
            'token_sent_count', 'token_received_count',
            'token_contract_count', 'nft_transfer_share',
            'zero_value_token_received_share',
        ],
        'int_features__address_lookalikes': [
            'lookalike_counterparty_count', 'imitating_counterparty_count',
        ],
    }) }}
{% endmacro %}
{% macro behaviour_features() %}
    {{ return(
        (behaviour_features_by_model().values() | sum(start=[]))
        + [
            'median_interval_seconds', 'interval_within_hour_share',
            'mean_incoming_position_share', 'failed_share',
            'contract_creation_count',
        ]
    ) }}
{% endmacro %}

{# Delays that an address may not have; without one they are NULL. #}
{% macro delay_features() %}
    {{ return(['first_in_to_first_out_seconds', 'median_in_to_out_seconds']) }}
{% endmacro %}

{#
    Features of the paths to scams that a model's fit may see: one and two
    steps. They differ from fit to fit, so they are no columns of the marts.
#}
{% macro exposure_features() %}
    {{ return([
        'scam_counterparty_share', 'sent_to_scam_count',
        'received_from_scam_count', 'sent_to_scam_value_share',
        'received_from_scam_value_share', 'scam_neighbour_count',
        'scam_neighbour_share', 'is_first_funder_scam',
    ]) }}
{% endmacro %}

{# Everything a scam model may read. #}
{% macro model_features() %}
    {{ return(dictionary_features() + behaviour_features() + exposure_features()) }}
{% endmacro %}

{#
    Features computed from amounts; the others are the same whatever is moved.
#}
{% macro value_features() %}
    {{ return([
        'avg_amount_incoming', 'total_amount_incoming', 'max_amount_incoming',
        'min_amount_incoming', 'avg_amount_outgoing', 'total_amount_outgoing',
        'max_amount_outgoing', 'min_amount_outgoing', 'passed_on_share',
        'passed_on_within_day_share', 'largest_incoming_share',
        'round_incoming_share', 'round_outgoing_share',
        'repeated_incoming_value_share', 'zero_value_share', 'dust_share',
        'top_sender_value_share', 'top_recipient_value_share',
        'hub_incoming_value_share', 'hub_outgoing_value_share',
        'first_incoming_eth', 'zero_value_token_received_share',
        'sent_to_scam_value_share', 'received_from_scam_value_share',
    ]) }}
{% endmacro %}

{#
    Features that others change without the address doing anything: the degrees
    of its counterparties, and who imitates it.
#}
{% macro neighbourhood_features() %}
    {{ return([
        'hub_incoming_value_share', 'hub_outgoing_value_share',
        'mean_log_sender_degree', 'mean_log_recipient_degree',
        'leaf_sender_share', 'leaf_recipient_share',
        'lookalike_counterparty_count', 'imitating_counterparty_count',
    ]) }}
{% endmacro %}

{#
    Features that say when an address lived, measured from the window's ends.
    They change for every address when the data grows.
#}
{% macro absolute_time_features() %}
    {{ return([
        'avg_time_incoming', 'avg_time_outgoing', 'last_seen', 'recency',
    ]) }}
{% endmacro %}

{# MD5 of the columns' values: differs when one of them changes. #}
{% macro fingerprint(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(
            "coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash("concat(" ~ texts | join(", '|', ") ~ ")") }}
{%- endmacro %}
