{%- set features = model_features() %}

with

champion as (

    select * from {{ ref('int_scam_serving__champion') }}

),

references_of_champion as (

    select drift_references.*
    from {{ ref('int_drift__references') }} as drift_references
    inner join champion on drift_references.run_id = champion.run_id

),

-- The same addresses every time.
sample as (

    select * from {{ ref('int_scam_serving__inputs') }}
    where read_group = 1
    order by {{ dbt.hash('address') }}, address
    limit {{ drift_sample_size() }}

),

sample_scores as (

    select raw_scores.score
    from {{ ref('scam_raw_scores') }} as raw_scores
    inner join champion on raw_scores.run_id = champion.run_id
    inner join sample on raw_scores.address = sample.address

),

current_values as (
    {{ unpivot(features, 'sample') }}
    union all
    {{ unpivot(['score'], 'sample_scores') }}
),

current_rows as (

    select
        feature_name,
        count(*) as current_rows,
        count(feature_value) as known_rows
    from current_values
    group by feature_name

),

-- How many current values lie at or below each value of the reference: both
-- in one sorted list, where a reference value itself counts nothing.
merged_values as (

    select
        feature_name,
        feature_value,
        1 as number_of_rows,
        false as is_reference
    from current_values
    where feature_value is not null

    union all

    select
        feature_name,
        upper_value as feature_value,
        0 as number_of_rows,
        true as is_reference
    from references_of_champion
    where upper_value is not null

),

summed_values as (

    select
        feature_name,
        feature_value,
        -- DuckDB adds doubles up along a list twice as fast as integers.
        cast(sum(number_of_rows) as {{ type_double() }}) as rows_here,
        count(case when is_reference then 1 end) > 0 as is_reference
    from merged_values
    group by feature_name, feature_value

),

running_sums as (

    select
        feature_name,
        feature_value,
        is_reference,
        rows_here,
        sum(rows_here) over (
            partition by feature_name order by feature_value
        ) as rows_to_here
    from summed_values

),

reference_sums as (

    select * from running_sums
    where is_reference

)

select
    edges.run_id,
    edges.feature_name,
    edges.upper_value,
    edges.cumulative_share as reference_cumulative_share,
    reference_sums.rows_to_here / nullif(
        cast(current_rows.known_rows as {{ type_double() }}), 0
    ) as current_cumulative_share,
    (reference_sums.rows_to_here - reference_sums.rows_here) / nullif(
        cast(current_rows.known_rows as {{ type_double() }}), 0
    ) as current_share_below,
    edges.unknown_share as reference_unknown_share,
    1 - cast(current_rows.known_rows as {{ type_double() }})
    / nullif(current_rows.current_rows, 0) as current_unknown_share,
    edges.reference_rows,
    coalesce(current_rows.current_rows, 0) as current_rows,
    edges.is_decile
from references_of_champion as edges
left join reference_sums
    on
        edges.feature_name = reference_sums.feature_name
        and edges.upper_value = reference_sums.feature_value
left join current_rows on edges.feature_name = current_rows.feature_name
