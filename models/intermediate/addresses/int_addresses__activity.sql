with

activity as (

    select * from {{ ref('int_features__window_activity') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where window_name = 'lifetime'

)

select
    activity.address_key,
    activity.incoming_count,
    activity.outgoing_count,
    activity.incoming_wei,
    activity.outgoing_wei,
    activity.fee_wei,
    activity.first_event_at,
    activity.last_event_at
from activity
inner join windows on activity.window_id = windows.window_id
