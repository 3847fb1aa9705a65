{#-
    Cutoffs move after the fold of the days was told that all events are counted:
    a run that is stopped or killed in between leaves nothing counted by old ones.
-#}
-- depends_on: {{ ref('int_features__fold_bounds') }}
{%- set rolling_percents = setting('rolling_cutoff_percents') or [] %}

with

transactions as (

    select * from {{ ref('int_events__transactions') }}

),

days as (

    select
        block_date,
        count(*) as transactions
    from transactions
    group by block_date

),

running_days as (

    select
        block_date,
        transactions,
        sum(transactions) over (order by block_date) as transactions_to_date,
        sum(transactions) over () as all_transactions
    from days

),

percents as (

    select
        'main' as cutoff_kind,
        80 as time_percent
    {%- for percent in rolling_percents %}
    union all
    select
        'rolling' as cutoff_kind,
        {{ percent }} as time_percent
    {%- endfor %}

),

-- The discrete quantile: the first time by which at least this percentage of
-- the transactions has happened. It lies on the first such day.
cutoff_days as (

    select
        percents.cutoff_kind,
        percents.time_percent,
        running_days.all_transactions,
        min(running_days.block_date) as block_date
    from percents
    inner join running_days
        on
            running_days.transactions_to_date * 100
            >= percents.time_percent * running_days.all_transactions
    group by
        percents.cutoff_kind,
        percents.time_percent,
        running_days.all_transactions

),

seconds as (

    select
        cutoff_days.cutoff_kind,
        cutoff_days.time_percent,
        cutoff_days.all_transactions,
        transactions.block_timestamp,
        running_days.transactions_to_date - running_days.transactions
        + count(*) over (
            partition by cutoff_days.cutoff_kind, cutoff_days.time_percent
            order by transactions.block_timestamp
        ) as transactions_to_date
    from cutoff_days
    inner join running_days
        on cutoff_days.block_date = running_days.block_date
    inner join transactions
        on
            cutoff_days.block_date
            = transactions.block_date

),

quantiles as (

    select
        cutoff_kind,
        time_percent,
        min(block_timestamp) as cutoff_at
    from seconds
    where transactions_to_date * 100 >= time_percent * all_transactions
    group by cutoff_kind, time_percent

),

cutoffs as (

    select
        cutoff_kind,
        case
            when cutoff_kind = 'main' then 'past'
            else
                concat(
                    'past_rolling_',
                    cast(time_percent as {{ dbt.type_string() }})
                )
        end as window_name,
        {% if setting('time_cutoff') -%}
        case
            when cutoff_kind = 'main'
                then {{ timestamp_literal(setting('time_cutoff')) }}
            else cutoff_at
        end as cutoff_at
        {%- else -%}
        cutoff_at
        {%- endif %}
    from quantiles

),

-- On a tiny chain several can fall on the same time. One is enough.
distinct_cutoffs as (

    select
        *,
        max(case when cutoff_kind = 'main' then cutoff_at end) over ()
            as main_cutoff_at
    from cutoffs
    where true
    qualify
        row_number() over (
            partition by cutoff_at order by cutoff_kind asc, window_name desc
        ) = 1

)

-- A rolling cutoff is tested up to the next one, the last one up to the main
-- cutoff.
select
    cutoff_kind,
    window_name,
    case
        when cutoff_kind = 'rolling'
            then lead(window_name) over (order by cutoff_at)
    end as next_window_name,
    cutoff_at
from distinct_cutoffs
where cutoff_at <= main_cutoff_at
