-- Written last, so that a run that was killed is finished by the next.
-- depends_on: {{ ref('int_features__activity_parts') }}
-- depends_on: {{ ref('int_features__flow_parts') }}
-- depends_on: {{ ref('int_features__interval_parts') }}
-- depends_on: {{ ref('int_features__hour_parts') }}
-- depends_on: {{ ref('int_features__value_parts') }}
-- depends_on: {{ ref('int_features__edge_parts') }}
-- depends_on: {{ ref('int_features__token_parts') }}
-- depends_on: {{ ref('int_features__token_edge_parts') }}
-- depends_on: {{ ref('int_addresses__token_parts') }}
-- depends_on: {{ ref('int_addresses__transfer_parts') }}
-- depends_on: {{ ref('int_features__first_funds') }}
-- depends_on: {{ ref('int_features__window_degrees') }}
-- depends_on: {{ ref('int_features__stored_features') }}

with

bounds as (

    select * from {{ ref('int_features__fold_bounds') }}

),

lifetime as (

    select * from {{ ref('int_features__window_extents') }}
    where window_name = 'lifetime'

)

-- All times are counted from the first event. While a later run can still find
-- an earlier one, there is nothing to add to.
select
    '{{ history_start() }}' as history_start,
    case
        when cast(lifetime.origin_at as date) < bounds.settles_before
            then bounds.settles_before
    end as counted_before
from bounds
cross join lifetime
