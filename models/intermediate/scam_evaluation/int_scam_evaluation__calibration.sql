with

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

),

-- A rule ranks addresses and gives no probability.
score_groups as (

    select
        *,
        1 + least(
            9, cast(floor(10 * scam_probability) as {{ dbt.type_bigint() }})
        ) as bin_number
    from {{ ref('int_scam_evaluation__score_groups') }}
    where scam_probability is not null

),

bins as (

    select
        set_id,
        bin_number,
        sum(examples) as examples,
        sum(positives) as positives,
        sum(examples * scam_probability) / sum(examples) as mean_probability
    from score_groups
    group by set_id, bin_number

)

select
    bins.set_id,
    evaluation_sets.run_id,
    evaluation_sets.evaluation,
    evaluation_sets.fit_name,
    evaluation_sets.model_name,
    evaluation_sets.feature_set,
    evaluation_sets.subset,

    bins.bin_number,
    cast(bins.examples as {{ dbt.type_bigint() }}) as examples,
    cast(bins.positives as {{ dbt.type_bigint() }}) as positives,
    bins.mean_probability,
    cast(bins.positives as {{ type_double() }}) / bins.examples
        as positive_share,
    {{ wilson_low('bins.positives', 'bins.examples') }} as interval_low,
    {{ wilson_high('bins.positives', 'bins.examples') }} as interval_high
from bins
inner join evaluation_sets
    on bins.set_id = evaluation_sets.set_id
