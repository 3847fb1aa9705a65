{{ config(severity='warn') }}
{%- set oldest = setting('max_data_age_days') %}
{%- set is_asked = oldest is not none
    and chain_name() != 'the simulated sample' %}
{%- set first_day = run_started_at
    - modules.datetime.timedelta(days=oldest or 0) %}

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
    {{ 'true' if is_asked else 'false' }}
    and last_day < cast('{{ first_day.strftime('%Y-%m-%d') }}' as date)
