{{ config(post_hook=[
    "{{ warn_of_other_units(ref('stg_chain__transactions'), ref('base_chain__balances'), ref('base_chain__input_files')) }}",
    "{{ warn_of_unknown_status(ref('stg_chain__transactions'), ref('base_chain__input_files')) }}",
    {
        'sql': "{{ stop_on_too_many_rejects(ref('int_events__rejected_chain_rows'), 'rejected_chain_rows') }}",
        'transaction': false,
    },
    {
        'sql': "{{ warn_of_rejected_files(ref('base_chain__input_files')) }}",
        'transaction': false,
    },
]) }}

{#- What makes two rows of a table the same. Copies of transactions and token
    transfers are found in models of their own. -#}
{%- set keys = {
    'contracts': 'address_key', 'blocks': 'block_number', 'balances': 'address',
    'tokens': 'address', 'receipts': 'transaction_hash',
} %}

with

loaded_rows as (
    {% for table in tables_by_day() + ['balances', 'tokens', 'receipts'] -%}
    {%- set is_by_day = table in tables_by_day() %}
    select
        '{{ table }}' as table_name,
        input_file,
        rejection_reason,
        {{ copy_number(keys.get(table)) }} as copy_number
    from {{ ref(('stg_chain__' if is_by_day else 'base_chain__') ~ table) }}
    where {{ is_day_of_this_load() if is_by_day else 'true' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name,
    input_file,
    count(*) as loaded_rows,
    count(rejection_reason) as rejected_rows,
    count(case when rejection_reason is null and copy_number > 1 then 1 end)
        as repeated_rows
from loaded_rows
group by table_name, input_file
