-- Written last, so that a run that was killed is finished by the next.
-- depends_on: {{ ref('rejected_chain_rows') }}
-- depends_on: {{ ref('stg_crypto_ethereum__token_transfers') }}
-- depends_on: {{ ref('stg_crypto_ethereum__contracts') }}
-- depends_on: {{ ref('stg_crypto_ethereum__blocks') }}
-- depends_on: {{ ref('int_addresses') }}
-- depends_on: {{ ref('int_transaction_hashes') }}
-- depends_on: {{ ref('int_settled_events') }}

{%- set load_end = load_bounds().end[:10] %}

with

days as (

    select max(block_date) as last_block_date
    from {{ ref('int_transaction_days') }}

)

-- A load that ends before today has read every day up to its end.
select
    '{{ chain_source() }}' as chain_source,
    '{{ history_start() }}' as history_start,
    {% if load_end <= run_started_at.strftime('%Y-%m-%d') -%}
    cast('{{ load_end }}' as date) as loaded_through,
    {%- else -%}
    last_block_date as loaded_through,
    {%- endif %}
    last_block_date
from days
