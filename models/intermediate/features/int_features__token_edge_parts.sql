{{ config(**table_by_part()) }}

with

token_events as (

    select * from {{ ref('int_features__window_token_events') }}
    where {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key', 'counterparty_key']) }},
    count(*) as events
from token_events
group by {{ part_keys(['window_id', 'address_key', 'counterparty_key']) }}
