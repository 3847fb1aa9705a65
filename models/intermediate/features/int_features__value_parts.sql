{{ config(**table_by_part()) }}

with

events as (

    select
        {{ part_keys(['window_id', 'address_key']) }},
        {{ narrow_wei('value_wei') }} as received_wei
    from {{ ref('int_features__window_events') }}
    where not is_outgoing and value_wei > 0 and {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key', 'received_wei']) }},
    count(*) as events
from events
group by {{ part_keys(['window_id', 'address_key', 'received_wei']) }}
