with

lookalikes as (

    select * from {{ ref('int_features__window_lookalikes') }}

),

sides as (

    select
        window_id,
        address_key,
        1 as met,
        0 as deceived
    from lookalikes

    union all

    select
        window_id,
        counterparty_key as address_key,
        0 as met,
        1 as deceived
    from lookalikes

)

select
    window_id,
    address_key,
    cast(sum(met) as {{ dbt.type_bigint() }})
        as lookalike_counterparty_count,
    cast(sum(deceived) as {{ dbt.type_bigint() }})
        as imitating_counterparty_count
from sides
group by window_id, address_key
