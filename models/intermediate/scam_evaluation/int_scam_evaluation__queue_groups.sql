{# Written once a run, in the build that trains it: who can become an alert
   changes with labels and vars, and thresholds that move would move tiers. #}
{{ config(materialized='incremental', full_refresh=false) }}

with

scored_examples as (

    {{ scored_examples() }}
    {% if is_incremental() %}
    where run_id not in (select run_id from {{ this }})
    {% endif %}

),

run_evaluations as (

    select * from {{ ref('int_scam_evaluation__run_evaluations') }}
    where tested_addresses = 'training'

),

addresses as (

    select * from {{ ref('int_addresses__summaries') }}

),

population as (

    select * from {{ ref('int_features__backtest_population') }}

),

-- A rule gives no probability, so nothing can be expected of it. An address
-- that ever had a label is always in the sample, even if the label has ended.
queue_scores as (

    select
        scored_examples.set_id,
        scored_examples.run_id,
        scored_examples.score,
        scored_examples.scam_probability,
        case
            when population.is_labelled then 1
            else 100 / run_evaluations.unlabelled_sample_percent
        end as weight
    from scored_examples
    inner join run_evaluations
        on
            scored_examples.run_id = run_evaluations.run_id
            and scored_examples.evaluation = run_evaluations.evaluation
            and scored_examples.fit_name = run_evaluations.fit_name
    inner join addresses on scored_examples.address = addresses.address
    left join population on scored_examples.address = population.address
    where
        scored_examples.subset = 'all'
        and scored_examples.scam_probability is not null
        and (
            run_evaluations.negative_labels = 'labelled'
            or (
                not scored_examples.is_scam
                and {{ is_alertable('addresses') }}
            )
        )

),

-- Billionths are whole numbers, whose sums do not depend on their order.
tied_scores as (

    select
        set_id,
        run_id,
        score,
        min(scam_probability) as scam_probability,
        sum(cast(round(1e9 * weight) as {{ dbt.type_bigint() }}))
            as billionths_of_addresses,
        sum(
            cast(
                round(1e9 * weight * scam_probability)
                as {{ dbt.type_bigint() }}
            )
        ) as billionths_of_scams
    from queue_scores
    group by set_id, run_id, score

)

select
    set_id,
    run_id,
    score,
    scam_probability,
    cast(sum(billionths_of_addresses) over (
        partition by set_id order by score desc
    ) as {{ type_double() }}) / 1e9 as addresses,
    cast(sum(billionths_of_scams) over (
        partition by set_id order by score desc
    ) as {{ type_double() }}) / 1e9 as expected_scams,
    cast(sum(billionths_of_addresses) over (
        partition by set_id
    ) as {{ type_double() }}) / 1e9 as queue_addresses,
    cast(sum(billionths_of_scams) over (
        partition by set_id
    ) as {{ type_double() }}) / 1e9 as queue_expected_scams
from tied_scores
