with

points as (

    select * from {{ ref('int_drift__points') }}

),

-- Rows that leave a frequent value can move to either side of it, so the share
-- below each point is compared too.
positioned_points as (

    select
        *,
        coalesce(lag(reference_cumulative_share) over (
            partition by run_id, feature_name order by upper_value
        ), 0) as reference_share_below,
        lag(upper_value) over (
            partition by run_id, feature_name order by upper_value
        ) is null as is_smallest
    from points

),

kolmogorov_smirnov as (

    select
        run_id,
        feature_name,
        max(reference_rows) as reference_rows,
        max(current_rows) as current_rows,
        max(greatest(
            abs(current_cumulative_share - reference_cumulative_share),
            case
                when reference_cumulative_share - reference_share_below >= 0.01
                    then abs(current_share_below - reference_share_below)
                else abs(current_cumulative_share - reference_cumulative_share)
            end
        )) as ks_statistic
    from positioned_points
    group by run_id, feature_name

),

deciles as (

    select
        *,
        coalesce(lag(reference_cumulative_share) over (
            partition by run_id, feature_name order by upper_value
        ), 0) as reference_share_before,
        coalesce(lag(current_cumulative_share) over (
            partition by run_id, feature_name order by upper_value
        ), 0) as current_share_before,
        reference_cumulative_share - reference_share_below >= 0.1
            as is_frequent,
        reference_cumulative_share = 1 as is_largest
    from positioned_points
    where is_decile

),

-- The first and the last bin are open: a current value beyond every reference
-- value is in one of them. If that bin is one frequent value, such as 0 or 1,
-- a value beyond it is another thing, which the reference never saw.
bins as (

    select
        run_id,
        feature_name,
        reference_unknown_share,
        current_unknown_share,
        reference_cumulative_share - reference_share_before
            as reference_known_share,
        case
            when is_largest and not is_frequent then 1
            else coalesce(current_cumulative_share, 0)
        end - case
            when is_smallest and is_frequent
                then coalesce(current_share_below, 0)
            else current_share_before
        end as current_known_share
    from deciles

    union all

    select
        run_id,
        feature_name,
        reference_unknown_share,
        current_unknown_share,
        0 as reference_known_share,
        coalesce(current_share_below, 0) as current_known_share
    from deciles
    where is_smallest and is_frequent

    union all

    select
        run_id,
        feature_name,
        reference_unknown_share,
        current_unknown_share,
        0 as reference_known_share,
        1 - coalesce(current_cumulative_share, 0) as current_known_share
    from deciles
    where is_largest and is_frequent

),

shares as (

    select
        run_id,
        feature_name,
        reference_known_share * (1 - reference_unknown_share)
            as reference_share,
        current_known_share * (1 - current_unknown_share) as current_share
    from bins

    union all

    select distinct
        run_id,
        feature_name,
        reference_unknown_share as reference_share,
        current_unknown_share as current_share
    from points

),

-- An empty bin counts as one in ten thousand. Its logarithm would be infinite.
floored_shares as (

    select
        run_id,
        feature_name,
        case when reference_share < 0.0001 then 0.0001 else reference_share end
            as reference_share,
        case when current_share < 0.0001 then 0.0001 else current_share end
            as current_share
    from shares

),

stability as (

    select
        run_id,
        feature_name,
        sum(
            (current_share - reference_share)
            * ln(current_share / reference_share)
        ) as population_stability_index
    from floored_shares
    group by run_id, feature_name

)

select
    kolmogorov_smirnov.run_id,
    kolmogorov_smirnov.feature_name,
    case
        when stability.population_stability_index < 0.1 then 'stable'
        when stability.population_stability_index < 0.25 then 'watch'
        when stability.population_stability_index >= 0.25 then 'act'
    end as drift_level,

    stability.population_stability_index,
    kolmogorov_smirnov.ks_statistic,
    kolmogorov_smirnov.reference_rows,
    kolmogorov_smirnov.current_rows
from kolmogorov_smirnov
inner join stability
    on
        kolmogorov_smirnov.run_id = stability.run_id
        and kolmogorov_smirnov.feature_name = stability.feature_name
