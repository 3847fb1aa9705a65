-- The stop counts all rows of a table, also of the one read through staging.
-- depends_on: {{ ref('base_crypto_ethereum__transactions') }}
{{ config(post_hook={
    'sql': "{{ stop_on_too_many_rejects('base_crypto_ethereum__') }}",
    'transaction': false,
}) }}

{%- set row_columns = {
    'token_transfers': [
        'transaction_hash', 'token_address', 'from_address', 'to_address',
        'value_text', 'block_timestamp_text',
    ],
    'balances': ['address', 'balance_text'],
    'contracts': ['address', 'block_timestamp_text'],
    'tokens': ['address', 'symbol'],
    'blocks': ['block_number_text', 'block_timestamp_text'],
} %}

with

rejected as (

    select
        'transactions' as table_name,
        coalesce(rejected_hash, '') as row_key,
        rejected_values as row_values,
        rejection_reason
    from {{ ref('stg_crypto_ethereum__transactions') }}
    where rejection_reason is not null
    {% for table, columns in row_columns.items() %}

    union all

    select
        '{{ table }}' as table_name,
        coalesce({{ columns[0] }}, '') as row_key,
        {{ named_values(columns) }} as row_values,
        rejection_reason
    from {{ ref('base_crypto_ethereum__' ~ table) }}
    where rejection_reason is not null
    {% endfor %}
)

select
    table_name,
    row_key,
    row_values,
    rejection_reason,
    count(*) as number_of_rows
from rejected
group by table_name, row_key, row_values, rejection_reason
