{%- set set_key = [
    'set_id', 'run_id', 'fit_name', 'model_name', 'feature_set', 'evaluation',
    'subset',
] | join(', ') %}

with

scored_examples as (

    {{ scored_examples() }}

),

run_evaluations as (

    select * from {{ ref('int_scam_evaluation__run_evaluations') }}

),

labels as (

    select
        *,
        case when usage = 'external' then 'external_scam' else 'scam' end
            as positive_labels
    from {{ ref('int_addresses__labels') }}
    where label_kind = 'scam'

),

-- One label without a report time makes an address a scam at any time, whatever
-- others say. Reviews follow from alerts. A scam that only a review knows does
-- not show that the model finds scams.
labelled_addresses as (

    select
        address,
        positive_labels,
        count(case when not is_report_time_known then 1 end) = 0
            as is_report_time_known,
        count(case when {{ is_not_of_reviews('source') }} then 1 end) = 0
            as is_reviewed_only
    from labels
    group by address, positive_labels

),

set_counts as (

    select
        {{ set_key }},
        count(*) as examples,
        count(case when is_scam then 1 end) as positives,
        count(case when is_held_out then 1 end) as held_out_examples
    from scored_examples
    group by {{ set_key }}

),

label_counts as (

    select
        scored_examples.set_id,
        count(case when labelled_addresses.is_report_time_known then 1 end)
            as report_times,
        count(case when labelled_addresses.is_reviewed_only then 1 end)
            as reviewed_only
    from scored_examples
    inner join run_evaluations
        on
            scored_examples.run_id = run_evaluations.run_id
            and scored_examples.evaluation = run_evaluations.evaluation
            and scored_examples.fit_name = run_evaluations.fit_name
    inner join labelled_addresses
        on
            scored_examples.address = labelled_addresses.address
            and case
                when run_evaluations.positive_labels = 'external_scam'
                    then 'external_scam'
                else 'scam'
            end = labelled_addresses.positive_labels
    where scored_examples.is_scam
    group by scored_examples.set_id

)

select
    set_counts.set_id,
    {{ model_id('set_counts') }} as model_id,
    set_counts.run_id,
    set_counts.fit_name,
    set_counts.model_name,
    set_counts.feature_set,
    set_counts.evaluation,
    set_counts.subset,
    run_evaluations.tested_addresses,
    run_evaluations.negative_labels,

    set_counts.examples,
    set_counts.positives,
    cast(set_counts.positives as {{ type_double() }}) / set_counts.examples
        as prevalence,
    cast(set_counts.held_out_examples as {{ type_double() }})
    / set_counts.examples as held_out_share,
    cast(
        set_counts.positives - coalesce(label_counts.report_times, 0)
        as {{ type_double() }}
    ) / nullif(set_counts.positives, 0) as unknown_report_time_share,
    cast(coalesce(label_counts.reviewed_only, 0) as {{ type_double() }})
    / nullif(set_counts.positives, 0) as reviewed_only_share,
    run_evaluations.unlabelled_sample_percent,
    run_evaluations.least_events,
    run_evaluations.training_days,

    run_evaluations.cutoff_at,
    run_evaluations.test_labels_known_at
from set_counts
inner join run_evaluations
    on
        set_counts.run_id = run_evaluations.run_id
        and set_counts.evaluation = run_evaluations.evaluation
        and set_counts.fit_name = run_evaluations.fit_name
left join label_counts on set_counts.set_id = label_counts.set_id
