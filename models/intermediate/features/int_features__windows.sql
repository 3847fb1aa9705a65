with

cutoffs as (

    select * from {{ ref('int_features__cutoffs') }}

),

days as (

    select * from {{ ref('int_events__transaction_days') }}

),

chain as (

    select
        {{ timestamp_literal(history_start()) }} as chain_start,
        {{ later_by('max(last_transaction_at)', 1, 'second') }}
            as chain_end
    from days
    having count(*) > 0

),

main_cutoff as (

    select cutoff_at from cutoffs
    where cutoff_name = 'main'

),

next_cutoffs as (

    select
        cutoffs.cutoff_name,
        cutoffs.cutoff_at,
        coalesce(
            lead(cutoffs.cutoff_at) over (order by cutoffs.cutoff_at),
            main_cutoff.cutoff_at
        ) as test_end
    from cutoffs
    cross join main_cutoff
    where
        cutoffs.cutoff_name <> 'main'
        and cutoffs.cutoff_at < main_cutoff.cutoff_at

),

-- A rolling cutoff is tested up to the next one, the last up to the main one.
-- On a tiny chain two of them can fall on the same time; one is enough.
rolling_cutoffs as (

    select * from next_cutoffs
    where cutoff_at < test_end

),

bounds as (

    select
        'lifetime' as window_name,
        chain_start as window_start,
        chain_end as window_end,
        chain_end as labels_known_at
    from chain

    union all

    select
        'past' as window_name,
        chain.chain_start as window_start,
        main_cutoff.cutoff_at as window_end,
        main_cutoff.cutoff_at as labels_known_at
    from chain
    cross join main_cutoff

    union all

    select
        'future' as window_name,
        main_cutoff.cutoff_at as window_start,
        chain.chain_end as window_end,
        chain.chain_end as labels_known_at
    from chain
    cross join main_cutoff

    union all

    select
        'to_date' as window_name,
        chain_start as window_start,
        chain_end as window_end,
        chain_end as labels_known_at
    from chain

    union all

    select
        concat('past_', rolling_cutoffs.cutoff_name) as window_name,
        chain.chain_start as window_start,
        rolling_cutoffs.cutoff_at as window_end,
        rolling_cutoffs.cutoff_at as labels_known_at
    from chain
    cross join rolling_cutoffs

    union all

    select
        concat('to_date_', rolling_cutoffs.cutoff_name) as window_name,
        chain.chain_start as window_start,
        rolling_cutoffs.test_end as window_end,
        chain.chain_end as labels_known_at
    from chain
    cross join rolling_cutoffs

)

-- The number is a narrow key to group tens of millions of events by.
select
    cast(row_number() over (order by window_name) as {{ dbt.type_int() }})
        as window_id,
    *
from bounds
