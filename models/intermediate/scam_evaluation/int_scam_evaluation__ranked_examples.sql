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
    scored_examples.evaluation_id,
    scored_examples.address,
    cast(score_groups.groups_with_positives as {{ dbt.type_int() }}) as step,
    {{ address_bucket('scored_examples.address', 2147483647) }}
        as address_number,
    scored_examples.is_scam,
    score_groups.positives > 0 as is_on_step
from scored_examples
inner join score_groups
    on
        scored_examples.evaluation_id = score_groups.evaluation_id
        and scored_examples.score = score_groups.score
