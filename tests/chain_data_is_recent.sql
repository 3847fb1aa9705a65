{{ config(severity='warn') }}
{%- set oldest = setting('max_data_age_days') %}

-- Of the simulated sample, which is of no day, nothing is asked.
with

days as (

    select * from {{ ref('int_events__transaction_days') }}

),

chain as (

    select max(block_date) as last_day
    from days

)

select last_day from chain
where
    {{ 'true' if oldest is not none and chain_name() != 'the simulated sample'
        else 'false' }}
    and last_day < cast({{ later_by(
        timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S')),
        -(oldest or 0), 'day'
    ) }} as date)
