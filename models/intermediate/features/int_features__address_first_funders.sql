with

first_funds as (

    select * from {{ ref('int_features__first_funds') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

-- A label reported after a window ended is not part of it.
entities as (

    select distinct
        windows.window_id,
        {{ text_key('labels.address') }} as address_key
    from {{ ref('int_addresses__labels') }} as labels
    inner join windows
        on
            {{ is_label_known(
                'labels', 'windows.window_end', 'windows.is_to_data_end'
            ) }}
    where labels.label_kind = 'entity'

)

select
    first_funds.window_id,
    first_funds.address_key,
    first_funds.funder_key,
    cast(first_funds.value_wei as {{ type_double() }}) / 1e18
        as first_incoming_eth,
    cast(
        case when entities.address_key is not null then 1 else 0 end
        as {{ dbt.type_bigint() }}
    ) as first_funder_entity_count
from first_funds
left join entities
    on
        first_funds.window_id = entities.window_id
        and first_funds.funder_key = entities.address_key
