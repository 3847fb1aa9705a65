with

scores as (

    select * from {{ ref('scam_scores') }}
    where risk_tier in ('high', 'medium')

),

ranked as (

    select
        address,
        {{ text_key('address') }} as address_key,
        row_number() over (
            order by scam_probability desc, address asc
        ) as alert_rank
    from scores

)

select
    address,
    address_key,
    {{ key_bucket('address_key', event_buckets()) }} as address_bucket,
    alert_rank
from ranked
where alert_rank <= {{ var('alerts_with_evidence') }}
