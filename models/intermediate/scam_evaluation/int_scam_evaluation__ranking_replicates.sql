{# The rows of a run never change, so only new runs are resampled. #}
{{ config(materialized='incremental') }}
{%- set double = type_double() %}
{%- set samples_of_a_set = setting('bootstrap_replicates') + 1 %}

with

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}
    {% if is_incremental() %}
    where run_id not in (select run_id from {{ this }})
    {% endif %}

),

scored_examples as (

    {{ scored_examples() }}

),

maps as (

    {{ bootstrap_maps() }}

),

-- A narrow key for the many rows below.
sets as (

    select
        set_id,
        run_id,
        cast(row_number() over (order by set_id) as {{ dbt.type_int() }})
            as set_number
    from score_groups
    group by set_id, run_id

),

-- A precision-recall curve has a step at each score that a scam has. The
-- addresses between two steps only ever count together. Doubles hold counts
-- exactly, and DuckDB adds them up faster than integers.
examples as (

    select
        sets.set_number,
        cast(score_groups.groups_with_positives as {{ dbt.type_int() }})
            as step,
        {{ address_bucket('scored_examples.address', 2147483647) }}
            as address_number,
        cast(
            case when scored_examples.is_scam then 1 else 0 end as {{ double }}
        ) as positives,
        cast(
            case when scored_examples.is_scam then 0 else 1 end as {{ double }}
        ) as negatives,
        cast(
            case
                when score_groups.positives > 0 and not scored_examples.is_scam
                    then 1
                else 0
            end as {{ double }}
        ) as tied_negatives,
        power(
            case when scored_examples.is_scam then 1 else 0 end
            - scored_examples.scam_probability,
            2
        ) as squared_error,
        (
            scored_examples.model_name
            in ('{{ champion_model_name() }}', 'incumbent')
            and scored_examples.evaluation <> 'validation'
        )
        or (
            scored_examples.model_name in ('null_model', 'shuffled_labels')
            and scored_examples.evaluation in ({{ headline_evaluations() }})
        ) as is_resampled
    from score_groups
    inner join sets on score_groups.set_id = sets.set_id
    inner join scored_examples
        on
            score_groups.set_id = scored_examples.set_id
            and score_groups.score = scored_examples.score

),

-- Replicate 0 is the sample itself.
replicates as (

    select replicate from maps

    union all

    select 0 as replicate

),

-- Again one narrow key.
samples as (

    select
        sets.set_id,
        sets.run_id,
        replicates.replicate,
        sets.set_number * {{ samples_of_a_set }} + replicates.replicate
            as sample_number
    from sets
    cross join replicates

),

-- An address has the same weight in every model, so that differences between
-- models stay paired.
drawn_examples as (

    select
        examples.*,
        maps.replicate,
        mod(
            examples.address_number * maps.multiplier + maps.increment,
            2147483647
        ) as draw
    from examples
    cross join maps
    where examples.is_resampled

),

weighted_examples as (

    select
        set_number * {{ samples_of_a_set }} + replicate as sample_number,
        step,
        positives,
        negatives,
        tied_negatives,
        squared_error,
        cast({{ poisson_weight('draw') }} as {{ double }}) as weight
    from drawn_examples

    union all

    select
        set_number * {{ samples_of_a_set }} as sample_number,
        step,
        positives,
        negatives,
        tied_negatives,
        squared_error,
        1.0 as weight
    from examples

),

steps as (

    select
        sample_number,
        step,
        sum(weight * positives) as positives,
        sum(weight * negatives) as negatives,
        sum(weight * tied_negatives) as tied_negatives,
        sum(weight * squared_error) as squared_errors
    from weighted_examples
    where weight > 0
    group by sample_number, step

),

-- Every address at or above a step's score is flagged there.
curve as (

    select
        sample_number,
        positives,
        negatives,
        tied_negatives,
        squared_errors,
        sum(positives) over (
            partition by sample_number order by step
        ) as true_positives,
        sum(negatives) over (
            partition by sample_number order by step
        ) - negatives + tied_negatives as false_positives
    from steps

),

areas as (

    select
        sample_number,
        sum(positives) as positives,
        sum(negatives) as negatives,
        sum(
            positives * true_positives
            / nullif(true_positives + false_positives, 0)
        ) as precision_sum,
        {%- for percent in [80, 90, 95] %}
        max(case
            when
                100 * true_positives
                >= {{ percent }} * (true_positives + false_positives)
                then true_positives
            else 0
        end) as found_at_{{ percent }},
        {%- endfor %}
        sum(positives * (false_positives - tied_negatives / 2.0))
            as misranked_pairs,
        sum(squared_errors) as squared_errors
    from curve
    group by sample_number

)

select
    samples.set_id,
    samples.run_id,
    samples.replicate,
    areas.precision_sum / nullif(areas.positives, 0) as average_precision,
    areas.precision_sum / nullif(areas.positives, 0)
    * (areas.positives + areas.negatives) / nullif(areas.positives, 0)
        as average_precision_lift,
    {%- for percent in [80, 90, 95] %}
    areas.found_at_{{ percent }} / nullif(areas.positives, 0)
        as recall_at_{{ percent }}_precision,
    {%- endfor %}
    1 - areas.misranked_pairs / nullif(areas.positives * areas.negatives, 0)
        as roc_auc,
    areas.squared_errors / nullif(areas.positives + areas.negatives, 0)
        as brier_score
from areas
inner join samples on areas.sample_number = samples.sample_number
