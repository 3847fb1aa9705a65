with

reviews as (

    select * from {{ review_table() }} as review_rows

)

select
    cast(review_id as {{ dbt.type_bigint() }}) as review_id,
    lower(address) as address,
    decision,
    nullif(run_id, '') as run_id,
    nullif(risk_tier, '') as risk_tier,

    cast(nullif(scam_probability, '') as {{ type_double() }})
        as scam_probability,
    cast(nullif(alert_rank, '') as {{ dbt.type_bigint() }}) as alert_rank,

    {{ parse_timestamp('reviewed_at') }} as reviewed_at
from reviews
