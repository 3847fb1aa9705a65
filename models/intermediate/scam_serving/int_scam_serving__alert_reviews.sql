with

reviews as (

    select * from {{ ref('stg_reviews__reviews') }}

),

-- Only these end the work on an address. The first one of an alert takes it
-- from the queue, so later ones on the same address have no rank.
judgements as (

    select
        review_id,
        address,
        case when decision = 'confirmed_scam' then 1 else 0 end as is_scam,
        count(alert_rank) over (
            partition by address order by review_id
            rows between unbounded preceding and current row
        ) > 0 as is_of_alert,
        max(review_id) over (partition by address) as last_review_id
    from reviews
    where decision in ('confirmed_scam', 'not_a_scam')

),

decisions as (

    select
        *,
        lag(is_scam) over (
            partition by address, is_of_alert order by review_id
        ) as was_scam
    from judgements

),

-- A second decision on an address replaces the first.
changes as (

    select
        reviews.*,
        coalesce(decisions.review_id = decisions.last_review_id, false)
            as is_latest_decision,
        case
            when decisions.is_of_alert and decisions.was_scam is null then 1
            else 0
        end as new_decided_alerts,
        case
            when decisions.is_of_alert
                then decisions.is_scam - coalesce(decisions.was_scam, 0)
            else 0
        end as new_confirmed_alerts
    from reviews
    left join decisions on reviews.review_id = decisions.review_id

),

totals as (

    select
        *,
        sum(new_decided_alerts) over (
            order by review_id
            rows between unbounded preceding and current row
        ) as decided_alerts,
        sum(new_confirmed_alerts) over (
            order by review_id
            rows between unbounded preceding and current row
        ) as confirmed_alerts
    from changes

)

select
    review_id,
    address,
    decision,
    run_id,
    risk_tier,

    scam_probability,
    alert_rank,
    cast(decided_alerts as {{ dbt.type_bigint() }}) as decided_alerts,
    cast(confirmed_alerts as {{ dbt.type_bigint() }}) as confirmed_alerts,
    confirmed_alerts / nullif(cast(decided_alerts as {{ type_double() }}), 0)
        as reviewed_precision,
    {{ wilson_low('confirmed_alerts', 'decided_alerts') }}
        as reviewed_precision_low,
    {{ wilson_high('confirmed_alerts', 'decided_alerts') }}
        as reviewed_precision_high,

    is_latest_decision,
    review_id = max(review_id) over (
        partition by cast(reviewed_at as date)
    ) as is_last_of_day,

    reviewed_at
from totals
