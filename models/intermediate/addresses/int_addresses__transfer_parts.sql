{{ config(**table_by_part()) }}

with

events as (

    select
        address_key,
        transaction_key,
        {%- if loads_incrementally() %}
        {{ settled_before(is_open_day('block_date')) }} as settled_before,
        {%- endif %}
        block_timestamp
    from {{ ref('int_features__new_token_events') }}

)

-- All transfers of a transaction are of one day, so of one part.
select
    {{ part_keys(['address_key']) }},
    count(distinct transaction_key) as unique_transfers,
    min(block_timestamp) as first_transfer_at,
    max(block_timestamp) as last_transfer_at
from events
where {{ is_of_this_run() }}
group by {{ part_keys(['address_key']) }}
