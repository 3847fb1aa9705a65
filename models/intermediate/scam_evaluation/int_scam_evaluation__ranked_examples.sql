{# Read once, for new runs only: a table would store every example again. #}
{{ config(materialized='view') }}

with

scored_examples as (

    select * from {{ ref('int_scam_evaluation__scored_examples') }}

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

)

-- A precision-recall curve has a step at each score that a scam has; the
-- other addresses between two steps only ever count together.
select
    scored_examples.set_id,
    scored_examples.address,
    cast(score_groups.groups_with_positives as {{ dbt.type_int() }}) as step,
    {{ address_bucket('scored_examples.address', 2147483647) }}
        as address_number,
    case
        when scored_examples.is_scam
            then
                (1 - scored_examples.scam_probability)
                * (1 - scored_examples.scam_probability)
        else
            scored_examples.scam_probability * scored_examples.scam_probability
    end as squared_error,
    scored_examples.is_scam,
    score_groups.positives > 0 as is_on_step
from scored_examples
inner join score_groups
    on
        scored_examples.set_id = score_groups.set_id
        and scored_examples.score = score_groups.score
