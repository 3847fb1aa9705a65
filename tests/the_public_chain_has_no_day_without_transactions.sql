{{ config(severity='warn') }}
{%- set is_asked = chain_name() == 'bigquery-public-data.crypto_ethereum' %}

-- Of files nothing is asked, which may be of single days or addresses.
with

days as (

    select * from {{ ref('int_events__transaction_days') }}
    where block_date > {{ unknown_day() }}

),

neighbouring_days as (

    select
        block_date as last_day_before,
        lead(block_date) over (order by block_date) as first_day_after
    from days

)

select
    last_day_before,
    first_day_after
from neighbouring_days
where
    {{ 'true' if is_asked else 'false' }}
    and {{ dbt.datediff(
        'last_day_before', 'first_day_after', 'day'
    ) }} > 1
