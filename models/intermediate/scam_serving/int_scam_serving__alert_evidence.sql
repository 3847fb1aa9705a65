with

alert_transactions as (

    select * from {{ ref('int_scam_serving__alert_transactions') }}
    where size_rank <= 3

),

alert_hashes as (

    select * from {{ ref('int_scam_serving__alert_hashes') }}

),

ordered_hashes as (

    select
        alert_transactions.address,
        alert_hashes.transaction_hash,
        row_number() over (
            partition by alert_transactions.address
            order by alert_transactions.size_rank, alert_hashes.transaction_hash
        ) as position
    from alert_transactions
    inner join alert_hashes
        on alert_transactions.transaction_key = alert_hashes.transaction_key

)

select
    address,
    string_agg(transaction_hash, ', ' order by position)
        as evidence_transactions
from ordered_hashes
where position <= 3
group by address
