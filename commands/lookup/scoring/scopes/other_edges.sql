-- Edges of others that say something of the address: of known scams that deal with its
-- counterparties, and of those who met the address and another one that looks like it.
with

own_counterparties as (

    select counterparty_key from request.int_features__edge_parts

),

met_subject as (

    select edges.address_key
    from copy.scoring.lookalike_edges as edges
    where edges.counterparty_key in (select address_key from request.subjects)

),

alike as (

    select others.address_key
    from copy.scoring.int_features__lookalikes as own
    inner join copy.scoring.int_features__lookalikes as others
        on own.look = others.look
    where own.address_key in (select address_key from request.subjects)

)

select * from copy.scoring.seed_edges
where
    counterparty_key in (select counterparty_key from own_counterparties)
    and address_key not in (select address_key from request.subjects)

union

select * from copy.scoring.lookalike_edges
where
    address_key in (select address_key from met_subject)
    and counterparty_key in (select address_key from alike)
    and address_key not in (select address_key from request.subjects)
