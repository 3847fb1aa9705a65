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

)

select * from recalls

union all

select * from unseen_shares
