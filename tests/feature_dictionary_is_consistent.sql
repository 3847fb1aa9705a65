{{ config(tags=['whole_history']) }}

{#- Each rule holds for every address, by the definitions of the features.
    Means of amounts are floating point and may be off in the last digits. -#}
{%- set rules = {
    'an address has an event': 'tx_count >= 1',
    'events are incoming or outgoing': 'tx_count = in_degree + out_degree',
    'incoming_count is in_degree': 'incoming_count = in_degree',
    'outgoing_count is out_degree': 'outgoing_count = out_degree',
    'senders are at most the incoming events': 'unique_in_degree <= in_degree',
    'recipients are at most the outgoing events':
        'unique_out_degree <= out_degree',
    'total_tx_time is active_duration': 'total_tx_time = active_duration',
    'last_seen and recency span the data': 'last_seen + recency = data_seconds',
    'an address is active before it is last seen':
        'active_duration <= last_seen',
    'incoming events are before the last one':
        'avg_time_incoming <= last_seen',
    'outgoing events are before the last one':
        'avg_time_outgoing <= last_seen',
    'the smallest gap is at most the mean one':
        'min_time_interval <= mean_time_interval',
    'the mean gap is at most the largest one':
        'mean_time_interval <= max_time_interval',
    'the largest gap is at most the active time':
        'max_time_interval <= active_duration',
    'two events have no burstiness': 'tx_count > 2 or burstiness = 0',
    'three events at different times have burstiness':
        '(tx_count > 2 and active_duration > 0) = (burstiness > 0)',
} %}
{%- for side in ['incoming', 'outgoing'] %}
{%- do rules.update({
    'the largest ' ~ side ~ ' amount is at most the total':
        'max_amount_' ~ side ~ ' <= total_amount_' ~ side,
    'the smallest ' ~ side ~ ' amount is at most the mean':
        'min_amount_' ~ side ~ ' <= avg_amount_' ~ side ~ ' * 1.000000000001',
    'the mean ' ~ side ~ ' amount is at most the largest':
        'avg_amount_' ~ side ~ ' <= max_amount_' ~ side ~ ' * 1.000000000001',
}) %}
{%- endfor %}

with

windows as (

    select
        window_name,
        {{ epoch_seconds('data_end_at') }}
        - {{ epoch_seconds('origin_at') }} as data_seconds
    from {{ ref('feature_windows') }}

),

features as (

    select
        features.*,
        windows.data_seconds
    from {{ ref('int_features__window_addresses') }} as features
    inner join windows on features.window_name = windows.window_name

),

checked_addresses as (

    select
        window_name,
        address,
        case
            {%- for rule, condition in rules.items() %}
            when not ({{ condition }}) then '{{ rule }}'
            {%- endfor %}
        end as broken_rule
    from features

)

select * from checked_addresses
where broken_rule is not null
