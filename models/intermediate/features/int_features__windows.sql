-- depends_on: {{ ref('int_features__fold_bounds') }}
{%- set earlier = adds_to_parts() and built_relation('int_features__windows') %}

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

)

-- The number is a narrow key to group tens of millions of events by. A run that
-- adds to parts leaves the windows of backtests as they are, with their end.
select
    cast(row_number() over (order by spans.window_name) as {{ dbt.type_int() }})
        as window_id,
    spans.window_name,
    {% if earlier -%}
    coalesce(earlier.is_to_data_end, true) as is_to_data_end,
    earlier.window_end is null as is_counted,
    spans.window_start,
    coalesce(earlier.window_end, spans.window_end) as window_end
from spans
left join {{ this }} as earlier
    on
        spans.window_name = earlier.window_name
        and spans.window_name <> 'lifetime'
    {%- else -%}
    spans.window_end >= chain.chain_end as is_to_data_end,
    true as is_counted,
    spans.window_start,
    spans.window_end
from spans
cross join chain
    {%- endif %}
