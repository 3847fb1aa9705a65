with

alert_transactions as (

    select * from {{ ref('int_scam_alert_transactions') }}

),

transaction_hashes as (

    select * from {{ ref('int_transaction_hashes') }}
    where
        {{ is_among('block_date', 'int_scam_alert_transactions') }}
        and {{ is_among('transaction_key', 'int_scam_alert_transactions') }}

)

select
    alert_transactions.address,
    string_agg(
        transaction_hashes.transaction_hash, ', '
        order by alert_transactions.size_rank
    ) as evidence_transactions
from alert_transactions
inner join transaction_hashes
    on
        alert_transactions.transaction_key = transaction_hashes.transaction_key
        and alert_transactions.block_date = transaction_hashes.block_date
group by alert_transactions.address
