{%- set model_key = [
    'run_id', 'view', 'cutoff', 'model_name', 'feature_set'
] %}
{%- set set_key = model_key + ['split', 'subset'] %}

with

scores as (

    select
        *,
        {{ value_band('value_moved_wei') }} as value_band
    from {{ ref('scam_evaluation_scores') }}

),

populations as (

    select * from {{ ref('int_scam_evaluation__run_evaluations') }}

),

scams as (

    select * from scores
    where is_scam

),

scam_labels as (

    select * from {{ ref('address_labels') }}
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

counts as (

    select
        {{ model_key | join(', ') }},
        split,
        is_first_seen_after_cutoff,
        value_band,
        count(*) as examples,
        0 as positives,
        0 as unknown_report_times
    from scores
    group by
        {{ model_key | join(', ') }},
        split,
        is_first_seen_after_cutoff,
        value_band

    union all

    select
        {%- for column in model_key %}
        scams.{{ column }},
        {%- endfor %}
        scams.split,
        scams.is_first_seen_after_cutoff,
        scams.value_band,
        0 as examples,
        count(*) as positives,
        count(*) - count(
            case when report_times.is_report_time_known then 1 end
        ) as unknown_report_times
    from scams
    left join report_times
        on
            scams.address = report_times.address
            and report_times.usage
            = case
                when scams.view = 'external' then 'external' else 'training'
            end
    group by
        {%- for column in model_key %}
        scams.{{ column }},
        {%- endfor %}
        scams.split,
        scams.is_first_seen_after_cutoff,
        scams.value_band

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
        and split = 'test'
        and view = 'time'
        and model_name = 'xgboost'

),

summed as (

    select
        {{ set_key | join(', ') }},
        cast(sum(examples) as {{ dbt.type_bigint() }}) as examples,
        cast(sum(positives) as {{ dbt.type_bigint() }}) as positives,
        sum(unknown_report_times) as unknown_report_times
    from subsets
    group by {{ set_key | join(', ') }}

),

identified as (

    select
        {{ dbt.hash("concat(" ~ set_key | join(", '|', ") ~ ")") }}
            as evaluation_id,
        {{ dbt.hash("concat(" ~ model_key | join(", '|', ") ~ ")") }}
            as model_id,
        {%- for column in set_key %}
        {{ column }},
        {%- endfor %}
        examples,
        positives,
        cast(positives as {{ type_double() }}) / examples as prevalence,
        unknown_report_times
        / nullif(cast(positives as {{ type_double() }}), 0)
            as unknown_report_time_share
    from summed

)

select
    identified.*,
    populations.negative_kind,
    populations.unlabelled_sample_percent,
    populations.addresses_per_day
from identified
left join populations
    on
        identified.run_id = populations.run_id
        and identified.view = populations.view
        and identified.cutoff = populations.cutoff
