with

edges as (

    select * from {{ ref('int_features__window_edges') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where window_name = 'lifetime'

),

addresses as (

    select * from {{ ref('int_addresses__keys') }}

)

select
    owners.address,
    others.address as counterparty,
    edges.outgoing_count > 0 as is_sent_to,
    sum(case when edges.outgoing_count > 0 then 1 else 0 end) over (
        partition by edges.address_key
    ) as recipients
from edges
inner join windows on edges.window_id = windows.window_id
inner join addresses as owners on edges.address_key = owners.address_key
inner join addresses as others on edges.counterparty_key = others.address_key
where edges.address_key <> edges.counterparty_key
