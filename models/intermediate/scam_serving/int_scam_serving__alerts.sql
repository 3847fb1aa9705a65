with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}
    where read_group = 1

),

first_alerts as (

    select
        address,
        {{ text_key('address') }} as address_key
    from scores
    where is_alert
    order by scam_probability desc, score desc, address asc
    limit {{ setting('alerts_with_evidence') }}

)

select
    address,
    address_key,
    {{ key_bucket('address_key', event_buckets()) }} as event_bucket
from first_alerts
