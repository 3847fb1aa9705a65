with

comparisons as (

    select * from {{ ref('int_investor_profile_comparisons') }}

),

selected_runs as (

    select
        run_id,
        row_number() over (order by trained_at desc, run_id desc) as recency
    from {{ ref('investor_profile_models') }}
    where is_selected

),

named as (

    select
        *,
        concat(
            case
                when
                    median_ether_balance
                    >= 1.5 * population_median_ether_balance
                    then 'large balance'
                when
                    median_ether_balance
                    <= population_median_ether_balance / 1.5
                    then 'small balance'
                else 'medium balance'
            end,
            case
                when median_unique_tokens = 0 then ', no tokens'
                when
                    median_unique_tokens >= 2
                    and median_unique_tokens
                    >= 2 * population_median_unique_tokens
                    then ', many tokens'
                else ', few tokens'
            end,
            case
                when
                    median_unique_transfers >= 10
                    and median_unique_transfers
                    >= 3 * population_median_unique_transfers
                    then ', frequent transfers'
                else ''
            end
        ) as description
    from comparisons

),

-- The largest of several alike profiles keeps the plain name.
numbered as (

    select
        *,
        row_number() over (
            partition by run_id, description
            order by addresses desc, cluster asc
        ) as name_number
    from named

)

select
    numbered.run_id,
    numbered.cluster,
    case
        when numbered.name_number = 1 then numbered.description
        else concat(
            numbered.description,
            ' ',
            cast(numbered.name_number as {{ dbt.type_string() }})
        )
    end as profile,
    numbered.defining_feature,
    concat(
        'median ', numbered.defining_feature, ' ',
        {{ number_text('numbered.defining_median', '%.4g') }},
        ' against ',
        {{ number_text('numbered.defining_population_median', '%.4g') }},
        ' of all profiled addresses'
    ) as definition,

    numbered.addresses,
    cast(numbered.addresses as {{ type_double() }})
    / numbered.population_addresses as address_share,
    numbered.median_ether_balance,
    numbered.median_unique_tokens,
    numbered.median_unique_transfers,

    coalesce(selected_runs.recency = 1, false) as is_selected_run
from numbered
left join selected_runs on numbered.run_id = selected_runs.run_id
