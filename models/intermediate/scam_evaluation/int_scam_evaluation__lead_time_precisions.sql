{%- set model_key = 'run_id, model_name, feature_set' %}
{%- set queue_lengths = [10, 50, 100] %}

with

scopes as (

    select * from {{ ref('int_scam_evaluation__lead_time_scopes') }}

),

positions as (

    select * from {{ ref('int_scam_evaluation__queue_positions') }}

),

queue_lengths as (
    {% for k in queue_lengths %}
    select {{ k }} as k
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

queue_sizes as (

    select
        {{ model_key }},
        fit_name,
        max(queue_addresses) as queue_addresses,
        count(case when is_reported_later then 1 end) as later_reports
    from positions
    group by {{ model_key }}, fit_name

),

scope_sizes as (

    select
        queue_sizes.run_id,
        queue_sizes.model_name,
        queue_sizes.feature_set,
        scopes.scope_name,
        max(queue_sizes.queue_addresses) as longest_queue,
        sum(queue_sizes.later_reports)
        / cast(sum(queue_sizes.queue_addresses) as {{ type_double() }})
            as later_report_share
    from queue_sizes
    inner join scopes
        on
            queue_sizes.run_id = scopes.run_id
            and queue_sizes.fit_name = scopes.fit_name
    group by
        queue_sizes.run_id,
        queue_sizes.model_name,
        queue_sizes.feature_set,
        scopes.scope_name

),

-- Over all cutoffs an address counts once, however often it stood in a queue.
queued_addresses as (

    select
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        positions.address,
        min(positions.queue_position) as queue_position,
        count(case when positions.is_reported_later then 1 end) > 0
            as is_reported_later
    from positions
    inner join scopes
        on
            positions.run_id = scopes.run_id
            and positions.fit_name = scopes.fit_name
    where positions.queue_position <= {{ queue_lengths[-1] }}
    group by
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        positions.address

)

select
    queued_addresses.run_id,
    queued_addresses.model_name,
    queued_addresses.feature_set,
    queued_addresses.scope_name,
    concat(
        'precision_at_', cast(queue_lengths.k as {{ dbt.type_string() }})
    ) as figure,
    count(case when queued_addresses.is_reported_later then 1 end)
        as successes,
    count(*) as trials,
    max(scope_sizes.later_report_share) as random_value
from queued_addresses
inner join queue_lengths
    on queued_addresses.queue_position <= queue_lengths.k
inner join scope_sizes
    on
        queued_addresses.run_id = scope_sizes.run_id
        and queued_addresses.model_name = scope_sizes.model_name
        and queued_addresses.feature_set = scope_sizes.feature_set
        and queued_addresses.scope_name = scope_sizes.scope_name
where scope_sizes.longest_queue >= queue_lengths.k
group by
    queued_addresses.run_id,
    queued_addresses.model_name,
    queued_addresses.feature_set,
    queued_addresses.scope_name,
    queue_lengths.k
