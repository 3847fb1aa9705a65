{{ config(**table_by_part()) }}

with

token_events as (

    select * from {{ ref('int_features__window_token_events') }}
    where {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key', 'token_address_key']) }},
    count(case when is_outgoing then 1 end) as sent_count,
    count(case when not is_outgoing then 1 end) as received_count,
    count(case when not is_outgoing and value_number = 0 then 1 end)
        as received_zero_count
from token_events
group by {{ part_keys(['window_id', 'address_key', 'token_address_key']) }}
