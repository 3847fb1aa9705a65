with

edges as (

    select * from {{ ref('int_features__window_edges') }}
    where counterparty_key <> address_key

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where window_name = 'lifetime'

),

members as (

    select distinct edges.address_key
    from edges
    inner join windows on edges.window_id = windows.window_id

),

addresses as (

    select
        addresses.address_key,
        addresses.address,
        substr(addresses.address, 3, 4) as prefix
    from {{ ref('int_addresses__keys') }} as addresses
    inner join members on addresses.address_key = members.address_key

),

prefixes as (

    select
        prefix,
        sum(count(*)) over (order by prefix) - count(*) as earlier_addresses
    from addresses
    group by prefix

)

-- Numbers are in the order of the addresses, which both engines share. By
-- prefix, for one machine could not sort a chain.
select
    addresses.address_key,
    addresses.address,
    cast(
        prefixes.earlier_addresses + row_number() over (
            partition by addresses.prefix order by addresses.address
        ) as {{ dbt.type_bigint() }}
    ) as node_number
from addresses
inner join prefixes on addresses.prefix = prefixes.prefix
