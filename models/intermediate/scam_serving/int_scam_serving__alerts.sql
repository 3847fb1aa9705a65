with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}
    where read_group = 1

),

-- The first ones are found before they are numbered: numbering all addresses in
-- one sorted list would take one machine.
first_alerts as (

    select
        address,
        {{ text_key('address') }} as address_key,
        scam_probability,
        score
    from scores
    where is_alert
    order by scam_probability desc, score desc, address asc
    limit {{ setting('alerts_with_evidence') }}

)

select
    address,
    address_key,
    {{ key_bucket('address_key', event_buckets()) }} as event_bucket,
    row_number() over (
        order by scam_probability desc, score desc, address asc
    ) as alert_rank
from first_alerts
