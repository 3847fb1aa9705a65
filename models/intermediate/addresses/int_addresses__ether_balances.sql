-- depends_on: {{ ref('rejected_chain_rows') }}

with

reported as (

    select
        {{ text_key('address') }} as address_key,
        balance_wei
    from {{ ref('stg_chain__balances') }}

),

number_reported as (

    select count(*) as balances from reported

),

lifetime_activity as (

    select activity.*
    from {{ ref('int_features__address_activity') }} as activity
    inner join {{ ref('int_features__windows') }} as windows
        on activity.window_id = windows.window_id
    where windows.window_name = 'lifetime'

),

-- Without the balances table: what came in, less what went out, less fees.
-- Internal transfers and mining rewards are not in transactions, so it can
-- even be negative.
derived as (

    select
        lifetime_activity.address_key,
        coalesce(lifetime_activity.incoming_wei, 0)
        - coalesce(lifetime_activity.outgoing_wei, 0)
        - coalesce(lifetime_activity.fee_wei, 0) as balance_wei
    from lifetime_activity
    cross join number_reported
    where number_reported.balances = 0

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
