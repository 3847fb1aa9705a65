{%- set least_reports = 10 %}
{%- set days = [30, 90, 180] %}

with

scopes as (

    select
        run_id,
        scope_name,
        max(unlabelled_sample_percent) as unlabelled_sample_percent,
        max(cutoff_at) as last_cutoff_at,
        min(cutoff_at) as first_cutoff_at,
        max(scope_cutoff_at) as cutoff_at
    from {{ ref('int_scam_evaluation__lead_time_scopes') }}
    group by run_id, scope_name

),

positions as (

    select * from {{ ref('int_scam_evaluation__queue_positions') }}

),

reports as (

    select
        reports.run_id,
        scopes.scope_name,
        count(distinct reports.address) as later_reports,
        max(reports.reports_until) as reports_until
    from {{ ref('int_scam_evaluation__run_reports') }} as reports
    inner join {{ ref('int_scam_evaluation__lead_time_scopes') }} as scopes
        on
            reports.run_id = scopes.run_id
            and reports.fit_name = scopes.fit_name
    group by reports.run_id, scopes.scope_name

),

queues as (

    select
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        max(positions.queue_addresses) as queue_addresses,
        count(
            distinct case
                when positions.is_reported_later then positions.address
            end
        ) as queued_reports
    from positions
    inner join {{ ref('int_scam_evaluation__lead_time_scopes') }} as scopes
        on
            positions.run_id = scopes.run_id
            and positions.fit_name = scopes.fit_name
    group by
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name

),

-- The model that scores addresses has rows even where it could not be trained.
models as (

    select
        run_id,
        model_name,
        feature_set
    from positions

    union distinct

    select
        run_id,
        '{{ champion_model_name() }}' as model_name,
        '{{ champion_feature_set() }}' as feature_set
    from scopes

),

figures as (
    {% for k in [10, 50, 100] %}
    select
        'precision_at_{{ k }}' as figure,
        {{ k }} as least_queue,
        0 as days
    union all
    {%- endfor %}
    {% for number in days %}
    select
        'recall_within_{{ number }}_days' as figure,
        1 as least_queue,
        {{ number }} as days
    union all
    {%- endfor %}
    select
        'median_days_ahead' as figure,
        1 as least_queue,
        0 as days
    union all
    select
        'not_yet_seen_share' as figure,
        0 as least_queue,
        0 as days

),

values_with_intervals as (

    select * from {{ ref('int_scam_evaluation__lead_time_shares') }}

    union all

    select * from {{ ref('int_scam_evaluation__lead_time_medians') }}

),

figure_rows as (

    select
        models.run_id,
        scopes.scope_name,
        models.model_name,
        models.feature_set,
        figures.figure,
        figures.days,
        case
            when reports.later_reports is null then 'no_later_report'
            when
                queues.queue_addresses is null and figures.least_queue > 0
                then 'not_trained'
            when queues.queue_addresses < figures.least_queue
                then 'queue_too_short'
            when
                figures.days > 0
                and scopes.cutoff_at is not null
            {%- for number in days %}
            and (
                figures.days <> {{ number }}
                or {{ later_by('scopes.cutoff_at', number, 'day') }}
                > reports.reports_until
            )
            {%- endfor %}
                then 'days_not_over'
            when figure_values.figure_value is null then 'nothing_counted'
            when
                figures.figure like 'precision%'
                and queues.queued_reports < {{ least_reports }}
                then 'few_reports'
            when
                figures.figure not like 'precision%'
                and figure_values.trials < {{ least_reports }}
                then 'few_reports'
            else 'measured'
        end as state,
        coalesce(reports.later_reports, 0) as later_reports,
        queues.queued_reports,
        coalesce(queues.queue_addresses, 0) as queue_addresses,
        figure_values.trials,
        figure_values.figure_value,
        figure_values.interval_low,
        figure_values.interval_high,
        figure_values.random_value,
        scopes.unlabelled_sample_percent,
        scopes.cutoff_at
    from scopes
    inner join models on scopes.run_id = models.run_id
    cross join figures
    left join reports
        on
            scopes.run_id = reports.run_id
            and scopes.scope_name = reports.scope_name
    left join queues
        on
            scopes.run_id = queues.run_id
            and scopes.scope_name = queues.scope_name
            and models.model_name = queues.model_name
            and models.feature_set = queues.feature_set
    left join values_with_intervals as figure_values
        on
            scopes.run_id = figure_values.run_id
            and scopes.scope_name = figure_values.scope_name
            and models.model_name = figure_values.model_name
            and models.feature_set = figure_values.feature_set
            and figures.figure = figure_values.figure

)

select
    run_id,
    scope_name,
    model_name,
    feature_set,
    figure,
    state,
    case state
        when 'no_later_report'
            then 'no dated report after the cutoff, of an address with events'
        when 'not_trained'
            then 'no model: too few scams were known at the cutoff'
        when 'queue_too_short' then 'fewer addresses in the queue than that'
        when 'days_not_over'
            then concat(
                'the last report is less than ',
                cast(days as {{ dbt.type_string() }}), ' days after the cutoff'
            )
        when 'nothing_counted' then 'no address to count'
        when 'few_reports'
            then concat(
                'reported later',
                case
                    when figure like 'precision%' then ', of the queue'
                    else ''
                end,
                ': only ', cast(
                    case
                        when figure like 'precision%' then queued_reports
                        else trials
                    end as {{ dbt.type_string() }}
                )
            )
        else 'measured'
    end as state_reason,

    {% for column in [
        'figure_value', 'interval_low', 'interval_high', 'random_value',
        'trials',
    ] -%}
    case when state in ('measured', 'few_reports') then {{ column }} end
        as {{ column }},
    {% endfor -%}
    later_reports,
    queue_addresses,
    unlabelled_sample_percent,

    cutoff_at
from figure_rows
