-- depends_on: {{ ref('int_features__fold_bounds') }}

{#- Joined at once, the features of ten million transactions took 3.5 GB, which
    is 350 bytes a transaction. The rest is a margin, so that no range goes to
    disk. -#}
{%- set bytes_per_transaction = 500 %}
{%- set keys = 2 ** 64 %}
{%- set start = fold_bounds().start %}

with

days as (

    select * from {{ ref('int_events__transaction_days') }}
    {%- if start %}
    where block_date >= cast('{{ start }}' as date)
    {%- endif %}

),

windows as (

    select
        *,
        case
            when window_name = 'lifetime' then 1
            else {{ setting('unlabelled_sample_percent') }} / 100
        end as share_of_addresses
    from {{ ref('int_features__windows') }}
    where is_counted

),

transactions as (

    select
        coalesce(sum(days.transactions * windows.share_of_addresses), 0)
            as transactions
    from windows
    inner join days
        on
            cast(windows.window_start as date) <= days.block_date
            and windows.window_end > days.block_date

),

-- No limit is shown as petabytes, which DuckDB does not read.
ranges as (

    select
        cast(greatest(1, ceil(
            transactions * {{ bytes_per_transaction }}
            / try(parse_formatted_bytes(current_setting('memory_limit')))
        )) as integer) as ranges
    from transactions

),

numbers as (

    select
        ranges,
        unnest(range(ranges)) as range_number
    from ranges

)

-- Keys are hashes, spread evenly over the integers of 64 bits without a sign,
-- so ranges of equal width hold about the same number of addresses.
select
    cast(range_number * {{ keys }} // ranges as ubigint) as first_key,
    cast((range_number + 1) * {{ keys }} // ranges - 1 as ubigint) as last_key
from numbers
