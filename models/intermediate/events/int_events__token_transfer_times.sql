-- depends_on: {{ ref('int_events__transactions') }}
-- depends_on: {{ ref('stg_chain__blocks') }}

{#-
    A look-up in all transactions, which BigQuery would bill in every run, though
    each row of its public table has a time.
-#}
{%- set nothing_to_look_up = not token_times_may_be_missing() %}

with

untimed_transfers as (

    select distinct
        transaction_key,
        coalesce(block_number, -1) as block_number
    from {{ ref('stg_chain__token_transfers') }}
    where
        rejection_reason is null
        and block_timestamp is null
        and block_date = {{ unknown_day() }}

),

{% if nothing_to_look_up -%}
times as (

    select
        transaction_key,
        block_number,
        cast(null as {{ dbt.type_timestamp() }}) as block_timestamp
    from untimed_transfers

)
{%- else -%}
transactions as (

    select * from {{ ref('int_events__transactions') }}

),

blocks as (

    select
        block_number,
        min(block_timestamp) as block_timestamp
    from {{ ref('stg_chain__blocks') }}
    where rejection_reason is null
    group by block_number

),

times as (

    select
        untimed_transfers.transaction_key,
        untimed_transfers.block_number,
        coalesce(transactions.block_timestamp, blocks.block_timestamp)
            as block_timestamp
    from untimed_transfers
    left join transactions
        on untimed_transfers.transaction_key = transactions.transaction_key
    left join blocks on untimed_transfers.block_number = blocks.block_number

)
{%- endif %}

select * from times
