{{ config(**table_by_part('table', cluster_by=['window_id', 'address_key'])) }}

with

events as (

    select * from {{ ref('int_features__window_events') }}
    where counterparty_key is not null and {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key', 'counterparty_key']) }},
    count(case when not is_outgoing then 1 end) as incoming_count,
    count(case when is_outgoing then 1 end) as outgoing_count,
    {{ narrow_wei(
        sum_exactly('case when is_outgoing then 0 else value_wei end')
    ) }} as incoming_wei,
    {{ narrow_wei(
        sum_exactly('case when is_outgoing then value_wei else 0 end')
    ) }} as outgoing_wei
from events
group by {{ part_keys(['window_id', 'address_key', 'counterparty_key']) }}
