-- depends_on: {{ ref('rejected_chain_rows') }}

with

reported as (

    select
        {{ text_key('address') }} as address_key,
        balance_wei
    from {{ ref('stg_crypto_ethereum__balances') }}

),

number_reported as (

    select count(*) as balances from reported

),

events as (

    select * from {{ ref('int_transaction_events') }}

),

-- Without the balances table: what came in, less what went out, less fees.
-- Internal transfers and mining rewards are not in transactions, so it can
-- even be negative.
derived as (

    select
        events.address_key,
        {{ sum_exactly(
            'case when events.is_outgoing'
            ~ ' then -events.value_wei - coalesce(events.fee_wei, 0)'
            ~ ' else events.value_wei end'
        ) }} as balance_wei
    from events
    cross join number_reported
    where number_reported.balances = 0
    group by events.address_key

)

select
    address_key,
    cast(balance_wei as {{ type_double() }}) / 1e18 as ether_balance,
    false as is_balance_derived
from reported

union all

select
    address_key,
    cast(balance_wei as {{ type_double() }}) / 1e18 as ether_balance,
    true as is_balance_derived
from derived
