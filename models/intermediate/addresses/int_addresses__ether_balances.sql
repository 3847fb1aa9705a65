-- depends_on: {{ ref('int_events__chain_intake') }}
-- depends_on: {{ ref('int_addresses__activity') }}
{%- set is_derived_if_missing = balances_may_be_missing() %}

with

reported_balances as (

    select
        {{ text_key('address') }} as address_key,
        balance_wei
    from {{ ref('stg_chain__balances') }}

)

{%- if is_derived_if_missing %},

number_reported as (

    select count(*) as balances from reported_balances

),

activity as (

    select * from {{ ref('int_addresses__activity') }}

),

-- Without the balances table: what came in, less what went out, less fees.
-- Internal transfers and mining rewards are not in transactions, so it can
-- even be negative.
derived_balances as (

    select
        activity.address_key,
        coalesce(activity.incoming_wei, 0)
        - coalesce(activity.outgoing_wei, 0)
        - coalesce(activity.fee_wei, 0) as balance_wei
    from activity
    cross join number_reported
    where number_reported.balances = 0

)
{%- endif %}

select
    address_key,
    cast(balance_wei as {{ type_double() }}) / 1e18 as ether_balance,
    false as is_balance_derived
from reported_balances
{%- if is_derived_if_missing %}

union all

select
    address_key,
    cast(balance_wei as {{ type_double() }}) / 1e18 as ether_balance,
    true as is_balance_derived
from derived_balances
{%- endif %}
