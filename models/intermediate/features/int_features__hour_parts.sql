{{ config(**table_by_part()) }}

with

events as (

    select
        *,
        extract(hour from block_timestamp) as hour_of_day
    from {{ ref('int_features__window_events') }}
    where {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key', 'hour_of_day']) }},
    count(*) as events
from events
group by {{ part_keys(['window_id', 'address_key', 'hour_of_day']) }}
