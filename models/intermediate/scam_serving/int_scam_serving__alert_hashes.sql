{%- set known = known_alert_hashes() %}
{%- set wanted = 'int_scam_serving__alert_transactions' %}
{%- set is_new = 'transaction_key not in (select transaction_key from '
    ~ known ~ ')' if known else 'true' %}

with

alert_transactions as (

    select distinct
        transaction_key,
        block_date
    from {{ ref('int_scam_serving__alert_transactions') }}

),

transaction_hashes as (

    select * from {{ ref('int_events__transaction_hashes') }}
    where
        {{ is_among('block_date', wanted, 'transaction_key', known) }}
        and {{ is_among('transaction_key', wanted, 'transaction_key', known) }}

)

select
    alert_transactions.transaction_key,
    transaction_hashes.transaction_hash
from alert_transactions
inner join transaction_hashes
    on
        alert_transactions.transaction_key = transaction_hashes.transaction_key
        and alert_transactions.block_date = transaction_hashes.block_date
{%- if known %}
where alert_transactions.{{ is_new }}

union all

select
    transaction_key,
    transaction_hash
from {{ known }}
where transaction_key in (select transaction_key from alert_transactions)
{%- endif %}
