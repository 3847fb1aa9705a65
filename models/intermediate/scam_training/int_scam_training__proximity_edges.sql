with

evaluations as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

fit_windows as (

    select
        fit_name,
        train_window_name as window_name
    from evaluations

    union distinct

    select
        fit_name,
        test_window_name as window_name
    from evaluations

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

edges as (

    select * from {{ ref('int_features__window_edges') }}
    where counterparty_key <> address_key

),

-- The scams a fit knows.
seeds as (

    select
        fit_name,
        {{ text_key('address') }} as address_key
    from {{ ref('int_scam_training__addresses') }}
    where is_scam

),

degrees as (

    select * from {{ ref('int_features__window_degrees') }}

),

fit_edges as (

    select
        fit_windows.fit_name,
        edges.*,
        own.address_key is not null as is_own_seed,
        other.address_key is not null as is_seed
    from edges
    inner join windows on edges.window_id = windows.window_id
    inner join fit_windows on windows.window_name = fit_windows.window_name
    left join seeds as own
        on
            fit_windows.fit_name = own.fit_name
            and edges.address_key = own.address_key
    left join seeds as other
        on
            fit_windows.fit_name = other.fit_name
            and edges.counterparty_key = other.address_key

),

-- Nearly every address is two hops from an exchange, so a second hop starts at
-- counterparties with at most 1,000 others.
seed_counterparties as (

    select
        fit_edges.fit_name,
        fit_edges.window_id,
        fit_edges.counterparty_key as address_key,
        count(*) as seeds
    from fit_edges
    inner join degrees
        on
            fit_edges.window_id = degrees.window_id
            and fit_edges.counterparty_key = degrees.address_key
    where
        fit_edges.is_own_seed
        and degrees.counterparty_count <= 1000
    group by
        fit_edges.fit_name, fit_edges.window_id, fit_edges.counterparty_key

),

-- A seed deals with its own counterparties. Its label must not come back to it.
counted_edges as (

    select
        fit_edges.*,
        coalesce(seed_counterparties.seeds, 0)
        - case
            when
                seed_counterparties.seeds is not null
                and fit_edges.is_own_seed
                then 1
            else 0
        end as other_seeds
    from fit_edges
    left join seed_counterparties
        on
            fit_edges.fit_name = seed_counterparties.fit_name
            and fit_edges.window_id = seed_counterparties.window_id
            and fit_edges.counterparty_key = seed_counterparties.address_key

)

select
    fit_name,
    window_id,
    address_key,
    counterparty_key,
    incoming_count,
    outgoing_count,
    incoming_wei,
    outgoing_wei,
    is_seed,
    other_seeds
from counted_edges
where is_seed or other_seeds > 0
