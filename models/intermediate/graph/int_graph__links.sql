with

edges as (

    select * from {{ ref('int_features__window_edges') }}
    where counterparty_key <> address_key

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where window_name = 'lifetime'

),

nodes as (

    select * from {{ ref('int_graph__nodes') }}

)

select
    owners.node_number,
    others.node_number as counterparty_number,
    edges.outgoing_count > 0 as is_sent_to,
    cast(
        sum(case when edges.outgoing_count > 0 then 1 else 0 end) over (
            partition by edges.address_key
        ) as {{ dbt.type_bigint() }}
    ) as recipients
from edges
inner join windows on edges.window_id = windows.window_id
inner join nodes as owners on edges.address_key = owners.address_key
inner join nodes as others on edges.counterparty_key = others.address_key
