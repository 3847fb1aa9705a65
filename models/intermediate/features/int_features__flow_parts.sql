{#- Where parts are kept, medians come from counted intervals. -#}
{{ config(**table_by_part()) }}
{%- set hour = 3600 %}
{%- set day = 86400 %}

with

steps as (

    select * from {{ ref('int_features__window_steps') }}
    where {{ is_of_this_run() }}

)

select
    {{ part_keys(['window_id', 'address_key']) }},
    count(*) as events,
    count(case when is_outgoing then 1 end) as outgoing,
    count(case when is_turn then 1 end) as turns,
    min(event_number) as first_number,
    max(event_number) as last_number,
    min(case when is_outgoing then event_number end)
        as first_outgoing_number,
    max(case when is_outgoing then event_number end)
        as last_outgoing_number,
    count(case when gap_seconds <= {{ hour }} then 1 end)
        as gaps_within_hour,
    max(gap_seconds) as max_gap_seconds,
    min(gap_seconds) as min_gap_seconds,
    count(case when delay_seconds <= {{ hour }} then 1 end)
        as outgoing_within_hour,
    count(case when delay_seconds <= {{ day }} then 1 end)
        as outgoing_within_day,
    {{ sum_exactly('case when is_outgoing then 0 else value_wei end') }}
        as incoming_wei,
    {{ sum_exactly('case when is_outgoing then value_wei else 0 end') }}
        as outgoing_wei,
    {{ sum_exactly(
        'case when delay_seconds <= ' ~ day ~ ' then value_wei else 0 end'
    ) }} as outgoing_within_day_wei,
    {{ narrow_wei('max(case when is_outgoing then 0 else value_wei end)') }}
        as largest_incoming_wei,
    {{ narrow_wei('max(case when is_outgoing then value_wei else 0 end)') }}
        as largest_outgoing_wei,
    min(case when not is_outgoing then event_seconds end)
        as first_incoming_seconds,
    min(case when is_outgoing then event_seconds end)
        as first_outgoing_seconds,
    max(case when not is_outgoing then block_timestamp end)
        as last_incoming_at,
    {% if medians_are_direct() -%}
    median(gap_seconds) as median_gap_seconds,
    median(delay_seconds) as median_delay_seconds,
    {% endif -%}
    max(case when is_outgoing then block_timestamp end)
        as last_outgoing_at
from steps
group by {{ part_keys(['window_id', 'address_key']) }}
