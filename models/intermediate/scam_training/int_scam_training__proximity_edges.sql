with

views as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

fit_windows as (

    select
        fit_name,
        train_window_name as window_name
    from views

    union distinct

    select
        fit_name,
        test_window_name as window_name
    from views
    where test_window_name is not null

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

edges as (

    select * from {{ ref('int_features__window_edges') }}
    where counterparty_key <> address_key

),

seeds as (

    select * from {{ ref('int_scam_training__proximity_seeds') }}

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

-- Whom the seeds touch. Behind an exchange is everybody, so nothing is learnt
-- from being two steps away through one.
touched as (

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

-- A seed is one of those that touch its counterparty; its own label must not
-- come back to it.
exposed as (

    select
        fit_edges.*,
        coalesce(touched.seeds, 0)
        - case
            when touched.seeds is not null and fit_edges.is_own_seed then 1
            else 0
        end as other_seeds
    from fit_edges
    left join touched
        on
            fit_edges.fit_name = touched.fit_name
            and fit_edges.window_id = touched.window_id
            and fit_edges.counterparty_key = touched.address_key

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
from exposed
where is_seed or other_seeds > 0
