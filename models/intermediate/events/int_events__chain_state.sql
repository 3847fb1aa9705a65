-- Written last, so that a run that was killed is finished by the next.
-- depends_on: {{ ref('int_events__chain_intake') }}
-- depends_on: {{ ref('stg_chain__token_transfers') }}
-- depends_on: {{ ref('stg_chain__contracts') }}
-- depends_on: {{ ref('stg_chain__blocks') }}
-- depends_on: {{ ref('int_addresses__keys') }}
-- depends_on: {{ ref('int_events__transaction_hashes') }}
-- depends_on: {{ ref('int_events__settled_events') }}
-- depends_on: {{ ref('int_events__token_transfer_days') }}
-- depends_on: {{ ref('int_events__created_contracts') }}

with

days as (

    select * from {{ ref('int_events__transaction_days') }}

),

load_bounds as (

    select * from {{ ref('base_chain__load_bounds') }}

)

select
    '{{ chain_name() }}' as chain_source,
    '{{ history_start() }}' as history_start,
    max(days.block_date) as loaded_through,
    load_bounds.load_start,
    load_bounds.load_end
from load_bounds
left join days on true
group by load_bounds.load_start, load_bounds.load_end
