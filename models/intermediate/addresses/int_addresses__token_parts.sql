{{ config(**table_by_part()) }}

with

events as (

    select
        address_key,
        {%- if loads_incrementally() %}
        {{ settled_before(is_open_day('block_date')) }} as settled_before,
        {%- endif %}
        token_address_key
    from {{ ref('int_features__new_token_events') }}

)

select distinct {{ part_keys(['address_key', 'token_address_key']) }}
from events
where {{ is_of_this_run() }}
