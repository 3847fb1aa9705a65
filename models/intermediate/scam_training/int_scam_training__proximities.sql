with

edges as (

    select * from {{ ref('int_scam_training__proximity_edges') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

degrees as (

    select * from {{ ref('int_features__window_degrees') }}

),

activity as (

    select * from {{ ref('int_features__window_activity') }}

),

funders as (

    select * from {{ ref('int_features__address_first_funders') }}

),

totals as (

    select
        edges.fit_name,
        edges.window_id,
        edges.address_key,
        count(case when edges.is_seed then 1 end) as scams,
        count(case when edges.other_seeds > 0 then 1 end) as neighbours,
        count(
            case
                when
                    edges.is_seed
                    and edges.counterparty_key = funders.funder_key
                    then 1
            end
        ) as scam_funders,
        sum(case when edges.is_seed then edges.outgoing_count else 0 end)
            as sent_count,
        sum(case when edges.is_seed then edges.incoming_count else 0 end)
            as received_count,
        {{ sum_exactly(
            'case when edges.is_seed then edges.outgoing_wei else 0 end'
        ) }} as sent_wei,
        {{ sum_exactly(
            'case when edges.is_seed then edges.incoming_wei else 0 end'
        ) }} as received_wei
    from edges
    left join funders
        on
            edges.window_id = funders.window_id
            and edges.address_key = funders.address_key
    group by edges.fit_name, edges.window_id, edges.address_key

)

select
    totals.fit_name,
    windows.window_name,
    addresses.address,
    {{ mean_or_zero('totals.scams', 'degrees.counterparty_count') }}
        as scam_counterparty_share,
    cast(totals.sent_count as {{ dbt.type_bigint() }}) as sent_to_scam_count,
    cast(totals.received_count as {{ dbt.type_bigint() }})
        as received_from_scam_count,
    {{ mean_or_zero('totals.sent_wei', 'activity.outgoing_wei') }}
        as sent_to_scam_value_share,
    {{ mean_or_zero('totals.received_wei', 'activity.incoming_wei') }}
        as received_from_scam_value_share,
    totals.neighbours as scam_neighbour_count,
    {{ mean_or_zero('totals.neighbours', 'degrees.counterparty_count') }}
        as scam_neighbour_share,
    totals.scam_funders as first_funder_scam_count
from totals
inner join windows on totals.window_id = windows.window_id
inner join addresses on totals.address_key = addresses.address_key
inner join degrees
    on
        totals.window_id = degrees.window_id
        and totals.address_key = degrees.address_key
inner join activity
    on
        totals.window_id = activity.window_id
        and totals.address_key = activity.address_key
