{{ config(tags=['whole_history'], store_failures=true) }}

-- The first funder of a window is a known entity only by a label that was
-- reported by the end of the window, or at an unknown time. Where loads add
-- days, the label may have gone since the feature was computed.
{%- set kind_of_join = 'inner' if loads_incrementally() else 'left' %}

with

windows as (

    select * from {{ ref('feature_windows') }}

),

funders as (

    select
        features.window_id,
        features.address_key,
        funds.funder_key
    from {{ ref('int_features__stored_features') }} as features
    inner join {{ ref('int_features__first_funds') }} as funds
        on
            features.window_id = funds.window_id
            and features.address_key = funds.address_key
    where features.first_funder_entity_count = 1

),

labels as (

    select
        {{ text_key('address') }} as address_key,
        min(
            coalesce(reported_at, {{ timestamp_literal('1970-01-01') }})
        ) as known_from
    from {{ ref('address_labels') }}
    where label_kind = 'entity'
    group by {{ text_key('address') }}

)

select
    windows.window_name,
    windows.window_end,
    funders.address_key,
    labels.known_from
from funders
inner join windows on funders.window_id = windows.window_id
{{ kind_of_join }} join labels on funders.funder_key = labels.address_key
where not coalesce(labels.known_from <= windows.window_end, false)
