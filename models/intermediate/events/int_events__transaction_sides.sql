-- depends_on: {{ ref('int_events__chain_intake') }}

with

transactions as (

    select * from {{ ref('int_events__transactions') }}

),

sides as (

    select true as is_outgoing
    union all
    select false as is_outgoing

)

select
    transactions.transaction_key,
    case
        when sides.is_outgoing then transactions.from_address_key
        else transactions.to_address_key
    end as address_key,
    case
        when sides.is_outgoing then transactions.to_address_key
        else transactions.from_address_key
    end as counterparty_key,

    transactions.value_wei,
    case when sides.is_outgoing then transactions.fee_wei end as fee_wei,
    transactions.gas_limit,
    transactions.gas_price_wei,
    transactions.block_number,
    transactions.transaction_index,

    sides.is_outgoing,
    transactions.is_contract_creation,
    transactions.is_failed,

    transactions.block_timestamp,
    transactions.block_date
from transactions
cross join sides
where sides.is_outgoing or not transactions.is_contract_creation
