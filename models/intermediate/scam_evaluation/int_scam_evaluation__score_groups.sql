{# The rows of a run never change, so only new runs are ranked. #}
{{ config(materialized='incremental') }}

with

scored_examples as (

    {{ scored_examples() }}
    {% if is_incremental() %}
    where run_id not in (select run_id from {{ this }})
    {% endif %}

),

-- Examples with the same score cannot be told apart by any threshold.
tied_examples as (

    select
        set_id,
        run_id,
        score,
        min(scam_probability) as scam_probability,
        count(*) as examples,
        count(case when is_scam then 1 end) as positives
    from scored_examples
    group by set_id, run_id, score

),

-- Doubles hold counts exactly. DuckDB adds up integers four times as slowly.
counts as (

    select
        *,
        cast(examples as {{ type_double() }}) as counted_examples,
        cast(positives as {{ type_double() }}) as counted_positives,
        cast(
            case when positives > 0 then 1 else 0 end as {{ type_double() }}
        ) as is_with_positives
    from tied_examples

)

select
    set_id,
    run_id,
    score,
    scam_probability,
    examples,
    positives,
    cast(sum(counted_examples) over (
        partition by set_id order by score desc
    ) as {{ dbt.type_bigint() }}) as flagged,
    cast(sum(counted_positives) over (
        partition by set_id order by score desc
    ) as {{ dbt.type_bigint() }}) as true_positives,
    cast(sum(is_with_positives) over (
        partition by set_id order by score desc
    ) as {{ dbt.type_bigint() }}) as groups_with_positives
from counts
