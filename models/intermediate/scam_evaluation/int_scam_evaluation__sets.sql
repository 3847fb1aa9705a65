{%- set model_key = ['run_id', 'fit_name', 'model_name', 'feature_set'] %}
{%- set set_key = model_key + ['evaluation', 'subset'] %}

with

run_evaluations as (

    select * from {{ ref('int_scam_evaluation__run_evaluations') }}

),

scam_labels as (

    select * from {{ ref('int_addresses__labels') }}
    where label_kind = 'scam'

),

report_times as (

    select
        address,
        usage,
        count(case when is_report_time_known then 1 end) > 0
            as is_report_time_known
    from scam_labels
    group by address, usage

),

scores as (

    select
        scores.*,
        {{ value_band('scores.value_moved_wei') }} as value_band,
        case
            when run_evaluations.positive_labels = 'external_scam'
                then 'external'
            else 'training'
        end as label_usage
    from {{ ref('scam_evaluation_scores') }} as scores
    inner join run_evaluations
        on
            scores.run_id = run_evaluations.run_id
            and scores.evaluation = run_evaluations.evaluation
            and scores.fit_name = run_evaluations.fit_name

),

counts as (

    select
        {%- for column in model_key + ['evaluation'] %}
        scores.{{ column }},
        {%- endfor %}
        scores.is_first_seen_after_cutoff,
        scores.value_band,
        count(*) as examples,
        count(case when scores.is_held_out then 1 end) as held_out_examples,
        count(case when scores.is_scam then 1 end) as positives,
        count(
            case
                when
                    scores.is_scam
                    and not coalesce(report_times.is_report_time_known, false)
                    then 1
            end
        ) as unknown_report_times
    from scores
    left join report_times
        on
            scores.is_scam
            and scores.address = report_times.address
            and scores.label_usage = report_times.usage
    group by
        {%- for column in model_key + ['evaluation'] %}
        scores.{{ column }},
        {%- endfor %}
        scores.is_first_seen_after_cutoff,
        scores.value_band

),

subsets as (

    select
        *,
        'all' as subset
    from counts

    union all

    select
        *,
        'first_seen_after_cutoff' as subset
    from counts
    where is_first_seen_after_cutoff

    union all

    -- Of the boosted trees after the cutoff only: the rest is for comparison.
    select
        *,
        value_band as subset
    from counts
    where
        value_band is not null
        and evaluation = 'future'
        and model_name = '{{ champion_model_name() }}'

),

summed_subsets as (

    select
        {{ set_key | join(', ') }},
        cast(sum(examples) as {{ dbt.type_bigint() }}) as examples,
        cast(sum(positives) as {{ dbt.type_bigint() }}) as positives,
        sum(held_out_examples) as held_out_examples,
        sum(unknown_report_times) as unknown_report_times
    from subsets
    group by {{ set_key | join(', ') }}

)

select
    {{ dbt.hash("concat(" ~ [
        'summed.run_id', 'summed.fit_name', 'summed.model_name',
        'summed.feature_set', 'summed.evaluation', 'summed.subset',
    ] | join(", '|', ") ~ ")") }} as set_id,
    {{ dbt.hash("concat(" ~ [
        'summed.run_id', 'summed.fit_name', 'summed.model_name',
        'summed.feature_set',
    ] | join(", '|', ") ~ ")") }} as model_id,
    {%- for column in set_key %}
    summed.{{ column }},
    {%- endfor %}
    run_evaluations.tested_addresses,
    run_evaluations.negative_labels,
    summed.examples,
    summed.positives,
    cast(summed.positives as {{ type_double() }}) / summed.examples
        as prevalence,
    cast(summed.held_out_examples as {{ type_double() }}) / summed.examples
        as held_out_share,
    summed.unknown_report_times
    / nullif(cast(summed.positives as {{ type_double() }}), 0)
        as unknown_report_time_share,
    run_evaluations.unlabelled_sample_percent,
    run_evaluations.addresses_per_day,
    run_evaluations.cutoff_at,
    run_evaluations.test_labels_known_at
from summed_subsets as summed
inner join run_evaluations
    on
        summed.run_id = run_evaluations.run_id
        and summed.evaluation = run_evaluations.evaluation
        and summed.fit_name = run_evaluations.fit_name
