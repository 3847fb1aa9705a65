{%- set earlier = adds_to_parts()
    and built_relation('int_features__window_extents') %}

with

windows as (

    select * from {{ ref('int_features__windows') }}
    where is_counted

),

activity as (

    select
        window_id,
        min(first_event_at) as origin_at,
        max(last_event_at) as data_end_at,
        count(*) as addresses
    from {{ ref('int_features__window_activity') }}
    group by window_id

)

select
    cast(windows.window_id as {{ dbt.type_bigint() }}) as window_id,
    windows.window_name,
    coalesce(activity.addresses, 0) as addresses,
    windows.window_start,
    windows.window_end,
    activity.origin_at,
    activity.data_end_at
from windows
left join activity on windows.window_id = activity.window_id
{%- if earlier %}

union all

select * from {{ this }}
where window_name in (
    select window_name from {{ ref('int_features__windows') }}
    where not is_counted
)
{%- endif %}
