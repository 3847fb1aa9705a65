with

comparisons as (

    select * from {{ ref('int_investor_profiles__comparisons') }}

),

-- What most addresses of the profile do with tokens comes first. Where most
-- addresses hold nothing, no balance is a multiple of theirs.
kinds_of_profiles as (

    select
        *,
        case
            when
                median_unique_transfers >= 20
                and median_unique_transfers >= 3 * median_unique_tokens
                and median_unique_transfers
                >= 2 * population_median_unique_transfers
                then 'token trader'
            when
                median_unique_tokens >= 5
                and median_unique_tokens
                >= 2 * population_median_unique_tokens
                then 'diversified collector'
            when median_unique_tokens > 1 then 'token holder'
            when median_unique_tokens = 1 then 'single-token holder'
            when
                population_median_ether_balance > 0
                and median_ether_balance
                >= 10 * population_median_ether_balance
                then 'whale'
            else 'ether holder'
        end as kind
    from comparisons

),

described_profiles as (

    select
        *,
        case
            when
                median_transactions >= 10
                and median_transactions >= 2 * population_median_transactions
                then 'active '
            when median_transactions <= population_median_transactions / 2
                then 'dormant '
            else ''
        end as activity,
        case
            when kind = 'whale' then ''
            when median_ether_balance <= population_median_ether_balance / 10
                then 'very small '
            when median_ether_balance <= population_median_ether_balance / 2
                then 'small '
            when population_median_ether_balance <= 0 then ''
            when
                median_ether_balance >= 10 * population_median_ether_balance
                then 'very rich '
            when median_ether_balance >= 2 * population_median_ether_balance
                then 'rich '
            else ''
        end as size
    from kinds_of_profiles

)

select
    run_id,
    cluster,
    concat(activity, size, kind) as rule_name,
    addresses
from described_profiles
