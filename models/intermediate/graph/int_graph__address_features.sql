with

page_ranks as (

    select * from {{ ref('int_graph__page_ranks') }}

),

communities as (

    select * from {{ ref('int_graph__communities') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}
    where window_name = 'lifetime'

),

-- A label reported after the window ended is not part of it.
scams as (

    select distinct labels.address
    from {{ ref('int_addresses__labels') }} as labels
    inner join windows
        on
            {{ is_label_known(
                'labels', 'windows.window_end', 'windows.is_to_data_end'
            ) }}
    where labels.label_kind = 'scam'

),

members as (

    select
        communities.address,
        communities.community,
        case when scams.address is not null then 1 else 0 end as is_scam
    from communities
    left join scams on communities.address = scams.address

),

counted_members as (

    select
        *,
        count(*) over (partition by community) as community_addresses,
        sum(is_scam) over (partition by community) as community_scams
    from members

)

select
    counted_members.address,
    counted_members.community,
    counted_members.community_addresses,
    cast(counted_members.community_scams as {{ dbt.type_bigint() }})
        as community_scams,
    page_ranks.page_rank,
    cast(
        counted_members.community_scams - counted_members.is_scam
        as {{ type_double() }}
    ) / nullif(counted_members.community_addresses - 1, 0)
        as community_scam_share
from counted_members
inner join page_ranks on counted_members.address = page_ranks.address
