select * from {{ ref('int_events__rejected_chain_rows') }}
