-- depends_on: {{ ref('int_features__fold_bounds') }}
{%- set earlier = adds_to_parts()
    and built_relation('int_features__windows') %}

with

cutoffs as (

    select * from {{ ref('int_features__cutoffs') }}

),

past_ends as (

    select
        window_name,
        cutoff_at
    from cutoffs

    union distinct

    select
        window_name,
        cutoff_at
    from {{ ref('int_features__lead_time_cutoffs') }}

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

spans as (

    select
        'lifetime' as window_name,
        chain_start as window_start,
        chain_end as window_end
    from chain

    union all

    select
        past_ends.window_name,
        chain.chain_start as window_start,
        past_ends.cutoff_at as window_end
    from chain
    cross join past_ends

    union all

    select
        'future' as window_name,
        cutoffs.cutoff_at as window_start,
        chain.chain_end as window_end
    from chain
    cross join cutoffs
    where cutoffs.cutoff_kind = 'main'

),

-- The number is a narrow key to group tens of millions of events by.
numbered_spans as (

    select
        spans.*,
        cast(
            row_number() over (order by spans.window_name)
            as {{ dbt.type_int() }}
        ) as window_id,
        spans.window_end >= chain.chain_end as is_to_data_end
    from spans
    cross join chain

)
{%- if earlier %},

-- A run that adds to parts leaves the windows of backtests as they are.
kept_windows as (

    select * from {{ this }}
    where window_name <> 'lifetime'

)

select
    spans.window_id,
    spans.window_name,
    coalesce(kept_windows.is_to_data_end, spans.is_to_data_end)
        as is_to_data_end,
    kept_windows.window_name is null as is_counted,
    spans.window_start,
    coalesce(kept_windows.window_end, spans.window_end) as window_end
from numbered_spans as spans
left join kept_windows on spans.window_name = kept_windows.window_name
{%- else %}

select
    window_id,
    window_name,
    is_to_data_end,
    true as is_counted,
    window_start,
    window_end
from numbered_spans
{%- endif %}
