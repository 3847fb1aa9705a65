{{ config(**table_by_part()) }}

with

steps as (

    select * from {{ ref('int_features__window_steps') }}
    where {{ is_of_this_run() }}

),

intervals as (

    select
        {{ part_keys(['window_id', 'address_key']) }},
        false as is_delay,
        gap_seconds as seconds
    from steps
    where gap_seconds is not null

    union all

    select
        {{ part_keys(['window_id', 'address_key']) }},
        true as is_delay,
        delay_seconds as seconds
    from steps
    where delay_seconds is not null

)

select
    {{ part_keys(['window_id', 'address_key', 'is_delay', 'seconds']) }},
    count(*) as events
from intervals
group by {{ part_keys(['window_id', 'address_key', 'is_delay', 'seconds']) }}
