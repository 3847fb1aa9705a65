{%- set wanted = setting('lead_time_cutoffs') %}
{%- set int = dbt.type_int() %}
{%- set text = dbt.type_string() %}

with

cutoffs as (

    select * from {{ ref('int_features__cutoffs') }}

),

days as (

    select * from {{ ref('int_events__transaction_days') }}

),

main_cutoff as (

    select
        cutoff_at as main_cutoff_at,
        extract(year from cutoff_at) * 12 + extract(month from cutoff_at) - 1
            as month_number
    from cutoffs
    where cutoff_kind = 'main'

),

chain as (

    select
        min(block_date) as first_date,
        max(last_transaction_at) as last_transaction_at
    from days

),

wanted_cutoffs as (
    {% if wanted is integer -%}
    {# The start of the month of the main cutoff can be that cutoff itself. #}
    {% for months in range(wanted + 1) %}
    select
        cast(concat(
            cast(
                cast(floor((month_number - {{ months }}) / 12.0) as {{ int }})
                as {{ text }}
            ),
            '-',
            lpad(
                cast(1 + mod(month_number - {{ months }}, 12) as {{ text }}),
                2, '0'
            ),
            '-01 00:00:00'
        ) as {{ dbt.type_timestamp() }}) as cutoff_at
    from main_cutoff
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- else -%}
    {% for time in wanted %}
    select {{ timestamp_literal(time | string) }} as cutoff_at
    union all
    {%- endfor %}
    select main_cutoff_at as cutoff_at from main_cutoff
    where false
    {%- endif %}

),

cutoffs_with_data as (

    select wanted_cutoffs.cutoff_at
    from wanted_cutoffs
    cross join chain
    {%- if wanted is integer %}
    cross join main_cutoff
    {%- endif %}
    where
        wanted_cutoffs.cutoff_at > cast(
            chain.first_date as {{ dbt.type_timestamp() }}
        )
        and wanted_cutoffs.cutoff_at <= chain.last_transaction_at
    {%- if wanted is integer %}
    and wanted_cutoffs.cutoff_at < main_cutoff.main_cutoff_at
order by wanted_cutoffs.cutoff_at desc
limit {{ wanted }}
    {%- endif %}

)

-- A time that is another cutoff too has a window and a fit already.
select
    coalesce(
        cutoffs.window_name,
        concat(
            'past_to_',
            replace(
                replace(
                    replace(
                        replace(
                            {{ timestamp_text('cutoffs_with_data.cutoff_at') }},
                            ' 00:00:00', ''
                        ), '-', '_'
                    ), ':', '_'
                ), ' ', '_'
            )
        )
    ) as window_name,
    cutoffs_with_data.cutoff_at
from cutoffs_with_data
left join cutoffs on cutoffs_with_data.cutoff_at = cutoffs.cutoff_at
