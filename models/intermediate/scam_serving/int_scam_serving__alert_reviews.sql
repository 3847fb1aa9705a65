with

reviews as (

    select * from {{ ref('stg_reviews__reviews') }}

),

-- Only these end the work on an address.
decisions as (

    select
        review_id,
        address,
        alert_rank is not null as is_of_alert,
        case when decision = 'confirmed_scam' then 1 else 0 end as is_scam,
        lag(case when decision = 'confirmed_scam' then 1 else 0 end) over (
            partition by address, alert_rank is not null order by review_id
        ) as was_scam,
        max(review_id) over (partition by address) as last_review_id
    from reviews
    where decision in ('confirmed_scam', 'not_a_scam')

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

    reviewed_at
from totals
