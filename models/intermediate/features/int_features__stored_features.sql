{{ config(**table_of_changed_addresses(
    'address_key', cluster_by=['window_name', 'address']
)) }}

{%- set double = type_double() %}
{%- set joined_features = feature_catalogue()
    | selectattr('family', 'equalto', 'behaviour')
    | rejectattr('model', 'equalto', 'stored_features') | list %}
{%- set joined_models = joined_features
    | map(attribute='model') | unique | list %}

-- depends_on: {{ ref('int_features__changed_addresses') }}

with

windows as (

    select
        *,
        {{ epoch_seconds('origin_at') }} as origin_seconds
    from {{ ref('int_features__window_extents') }}

),

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

{% for model in joined_models -%}
{{ model | replace('address_', '') }} as (

    select * from {{ ref('int_features__' ~ model) }}

),

{% endfor -%}
hours as (

    select * from {{ ref('int_features__address_hours') }}

),

activity as (

    select
        *,
        incoming_count + outgoing_count as tx_count,
        {{ epoch_seconds('first_event_at') }} as first_event_seconds,
        {{ epoch_seconds('last_event_at') }} as last_event_seconds,
        {{ epoch_seconds('last_event_at') }}
        - {{ epoch_seconds('first_event_at') }} as duration_seconds,
        incoming_count + outgoing_count - 1 as gaps
    from {{ ref('int_features__address_activity') }}

)

select
    activity.window_id,
    activity.address_key,
    windows.window_name,
    addresses.address,

    activity.incoming_count as in_degree,
    activity.outgoing_count as out_degree,
    coalesce(counterparties.unique_senders, 0) as unique_in_degree,
    coalesce(counterparties.unique_recipients, 0) as unique_out_degree,

    {{ mean_or_zero('activity.incoming_wei', 'activity.incoming_count') }}
        as avg_amount_incoming,
    cast(coalesce(activity.incoming_wei, 0) as {{ double }})
        as total_amount_incoming,
    cast(coalesce(activity.max_incoming_wei, 0) as {{ double }})
        as max_amount_incoming,
    cast(coalesce(activity.min_incoming_wei, 0) as {{ double }})
        as min_amount_incoming,
    {{ mean_or_zero('activity.outgoing_wei', 'activity.outgoing_count') }}
        as avg_amount_outgoing,
    cast(coalesce(activity.outgoing_wei, 0) as {{ double }})
        as total_amount_outgoing,
    cast(coalesce(activity.max_outgoing_wei, 0) as {{ double }})
        as max_amount_outgoing,
    cast(coalesce(activity.min_outgoing_wei, 0) as {{ double }})
        as min_amount_outgoing,

    {{ mean_or_zero(
        'activity.incoming_epoch_seconds'
        ~ ' - activity.incoming_count * windows.origin_seconds',
        'activity.incoming_count'
    ) }} as avg_time_incoming,
    {{ mean_or_zero(
        'activity.outgoing_epoch_seconds'
        ~ ' - activity.outgoing_count * windows.origin_seconds',
        'activity.outgoing_count'
    ) }} as avg_time_outgoing,
    -- All gaps together span the time from the first to the last event.
    cast(activity.duration_seconds as {{ double }}) as total_tx_time,
    cast(activity.duration_seconds as {{ double }}) as active_duration,
    {{ mean_or_zero('activity.duration_seconds', 'activity.gaps') }}
        as mean_time_interval,
    cast(coalesce(flows.max_gap_seconds, 0) as {{ double }})
        as max_time_interval,
    cast(coalesce(flows.min_gap_seconds, 0) as {{ double }})
        as min_time_interval,
    cast(
        case
            when activity.gaps < 2 then 0
            when flows.median_gap_seconds = 0 then flows.max_gap_seconds
            else flows.max_gap_seconds / flows.median_gap_seconds
        end as {{ double }}
    ) as burstiness,

    activity.tx_count,
    activity.tx_count / cast(activity.duration_seconds + 1 as {{ double }})
        as activity_density,
    activity.incoming_count,
    activity.outgoing_count,
    (activity.incoming_count + 1)
    / cast(activity.outgoing_count + 1 as {{ double }}) as in_out_ratio,

    hours.hour_mean,
    hours.hour_entropy,

    cast(
        activity.last_event_seconds - windows.origin_seconds as {{ double }}
    ) as last_seen,

    cast(activity.gas_price_wei as {{ double }})
    / nullif(activity.gas_price_count, 0) as avg_gas_price,
    cast(activity.gas_limit as {{ double }})
    / nullif(activity.gas_limit_count, 0) as avg_gas_limit,

    cast(coalesce(flows.median_gap_seconds, 0) as {{ double }})
        as median_interval_seconds,
    {{ mean_or_zero('flows.gaps_within_hour', 'activity.gaps') }}
        as interval_within_hour_share,
    {{ mean_or_zero(
        'activity.incoming_epoch_seconds'
        ~ ' - activity.incoming_count * activity.first_event_seconds',
        'activity.incoming_count'
        ~ ' * activity.duration_seconds'
    ) }} as mean_incoming_position_share,
    {{ mean_or_zero('activity.failed_count', 'activity.tx_count') }}
        as failed_share,
    activity.contract_creation_count,
    {%- for feature in joined_features %}
    {%- set column = feature.model | replace('address_', '')
        ~ '.' ~ feature.name %}
    {{ column if feature.when_absent == 'NULL' else
        'coalesce(' ~ column ~ ', 0) as ' ~ feature.name }},
    {%- endfor %}

    activity.first_event_at,
    activity.last_event_at
-- Every address has hours. The outer join keeps the widest table from being
-- the one that is hashed.
from activity
inner join windows on activity.window_id = windows.window_id
inner join addresses on activity.address_key = addresses.address_key
left join hours
    on
        activity.window_id = hours.window_id
        and activity.address_key = hours.address_key
{%- for model in joined_models %}
{%- set name = model | replace('address_', '') %}
left join {{ name }}
    on
        activity.window_id = {{ name }}.window_id
        and activity.address_key = {{ name }}.address_key
{%- endfor %}
{{ kept_rows('address_key') }}
