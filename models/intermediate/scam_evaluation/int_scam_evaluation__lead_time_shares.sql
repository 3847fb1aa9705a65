{%- set model_key = 'run_id, model_name, feature_set' %}
{%- set days = [30, 90, 180] %}
{%- set queue_length = 100 %}

with

scopes as (

    select * from {{ ref('int_scam_evaluation__lead_time_scopes') }}

),

positions as (

    select * from {{ ref('int_scam_evaluation__queue_positions') }}

),

reports as (

    select * from {{ ref('int_scam_evaluation__run_reports') }}

),

models as (

    select distinct {{ model_key }} from positions

),

queue_lengths as (
    {% for k in [10, 50, 100] %}
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
    where positions.queue_position <= {{ queue_length }}
    group by
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        positions.address

),

precisions as (

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

),

-- Cutoffs whose days are not over by the last report would look too good.
horizon_reports as (
    {% for number in days %}
    select
        {{ number }} as days,
        reports.*
    from reports
    where
        reports.first_reported_at
        <= {{ later_by('reports.cutoff_at', number, 'day') }}
        and {{ later_by('reports.cutoff_at', number, 'day') }}
        <= reports.reports_until
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A random order has an address among the first by a known chance at each
-- cutoff, and over all of them unless it misses every one.
report_chances as (

    select
        models.run_id,
        models.model_name,
        models.feature_set,
        scopes.scope_name,
        horizon_reports.days,
        horizon_reports.address,
        count(case
            when positions.queue_position <= {{ queue_length }} then 1
        end) > 0 as is_found,
        1 - exp(sum(case
            when positions.queue_addresses > {{ queue_length }}
                then ln(
                    1 - {{ queue_length }} / cast(
                        positions.queue_addresses as {{ type_double() }}
                    )
                )
            when positions.queue_addresses is not null then -100
            else 0
        end)) as random_chance
    from horizon_reports
    inner join models on horizon_reports.run_id = models.run_id
    inner join scopes
        on
            horizon_reports.run_id = scopes.run_id
            and horizon_reports.fit_name = scopes.fit_name
    left join positions
        on
            horizon_reports.run_id = positions.run_id
            and horizon_reports.fit_name = positions.fit_name
            and horizon_reports.address = positions.address
            and models.model_name = positions.model_name
            and models.feature_set = positions.feature_set
    group by
        models.run_id,
        models.model_name,
        models.feature_set,
        scopes.scope_name,
        horizon_reports.days,
        horizon_reports.address

),

recalls as (

    select
        {{ model_key }},
        scope_name,
        concat(
            'recall_within_', cast(days as {{ dbt.type_string() }}), '_days'
        ) as figure,
        count(case when is_found then 1 end) as successes,
        count(*) as trials,
        sum(random_chance) / count(*) as random_value
    from report_chances
    group by {{ model_key }}, scope_name, days

),

-- No model can find a scam before its first event. Over all cutoffs the last
-- one before the report decides.
seen_reports as (

    select
        models.run_id,
        models.model_name,
        models.feature_set,
        scopes.scope_name,
        reports.address,
        count(case when reports.is_seen_by_cutoff then 1 end) > 0 as is_seen
    from reports
    inner join models on reports.run_id = models.run_id
    inner join scopes
        on
            reports.run_id = scopes.run_id
            and reports.fit_name = scopes.fit_name
    group by
        models.run_id,
        models.model_name,
        models.feature_set,
        scopes.scope_name,
        reports.address

),

unseen_shares as (

    select
        {{ model_key }},
        scope_name,
        'not_yet_seen_share' as figure,
        count(case when not is_seen then 1 end) as successes,
        count(*) as trials,
        cast(null as {{ type_double() }}) as random_value
    from seen_reports
    group by {{ model_key }}, scope_name

),

shares as (

    select * from precisions

    union all

    select * from recalls

    union all

    select * from unseen_shares

)

select
    {{ model_key }},
    scope_name,
    figure,
    trials,
    cast(successes as {{ type_double() }}) / trials as figure_value,
    {{ wilson_low('successes', 'trials') }} as interval_low,
    {{ wilson_high('successes', 'trials') }} as interval_high,
    random_value
from shares
