{%- set wanted = 'int_scam_serving__alert_transactions' %}

with

alert_transactions as (

    select * from {{ ref('int_scam_serving__alert_transactions') }}

),

transaction_hashes as (

    select * from {{ ref('int_events__transaction_hashes') }}
    where
        {{ is_among('block_date', wanted) }}
        and {{ is_among('transaction_key', wanted) }}

),

ordered_hashes as (

    select
        alert_transactions.address,
        transaction_hashes.transaction_hash,
        row_number() over (
            partition by alert_transactions.address
            order by
                alert_transactions.size_rank,
                transaction_hashes.transaction_hash
        ) as position
    from alert_transactions
    inner join transaction_hashes
        on
            alert_transactions.transaction_key
            = transaction_hashes.transaction_key
            and alert_transactions.block_date = transaction_hashes.block_date

)

select
    address,
    string_agg(transaction_hash, ', ' order by position)
        as evidence_transactions
from ordered_hashes
where position <= 3
group by address
