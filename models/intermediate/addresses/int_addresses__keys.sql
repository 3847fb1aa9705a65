{{ config(materialized='incremental' if loads_incrementally() else 'table') }}

{%- set address_columns = {
    'base_chain__transactions': [
        'from_address', 'to_address', 'contract_address'
    ],
    'stg_chain__receipts': ['contract_address'],
    'base_chain__token_transfers': [
        'token_address', 'from_address', 'to_address'
    ],
    'base_chain__balances': ['address'],
    'base_chain__contracts': ['address'],
    'stg_labels__address_labels': ['address'],
} %}

with

mentioned_addresses as (
    {% for model, columns in address_columns.items() %}
    {{- 'union all' if not loop.first }}

    {{ values_of_columns(ref(model), columns, 'address') }}
    {% endfor %}
),

distinct_addresses as (

    select distinct address
    from mentioned_addresses
    where address is not null

)

-- Rows are validated elsewhere. An address that only rejected rows mention is
-- here too, but no event leads to it.
select
    {{ text_key('address') }} as address_key,
    address
from distinct_addresses
{%- if is_incremental() %}
where {{ text_key('address') }} not in (select address_key from {{ this }})
{%- endif %}
