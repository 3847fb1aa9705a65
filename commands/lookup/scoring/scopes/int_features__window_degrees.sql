-- A counterparty that the copy does not know of has met this address at least.
with

met as (

    select distinct
        added.address_key as subject_key,
        added.counterparty_key as address_key
    from request.added_events as added
    where
        added.counterparty_key is not null
        and added.counterparty_key <> added.address_key
        and added.counterparty_key not in (
            select counterparty_key from copy.lookup.counterparties
            where address in (select address from request.subjects)
        )

),

new_degrees as (

    select
        windows.window_id,
        met.address_key,
        count(*) as counterparty_count
    from met
    cross join copy.scoring.int_features__windows as windows
    group by windows.window_id, met.address_key

),

-- What the request adds counts for the address itself.
own_degrees as (

    select
        window_id,
        address_key,
        count(*) as counterparty_count
    from request.int_features__edge_parts
    where
        address_key in (select address_key from request.subjects)
        and counterparty_key <> address_key
    group by window_id, address_key

)

select
    window_id,
    address_key,
    cast(sum(counterparty_count) as bigint) as counterparty_count
from (
    select * from copy.scoring.int_features__window_degrees
    where
        address_key in (
            select counterparty_key from request.int_features__edge_parts
        )
        and address_key not in (select address_key from request.subjects)
    union all
    select * from new_degrees
    where address_key not in (select address_key from request.subjects)
    union all
    select * from own_degrees
) as degrees
group by window_id, address_key
