{{ config(tags=['whole_history']) }}

-- An address still has the key it was stored with; if not, DuckDB's hash has
-- changed with an upgrade: rebuild once with dbt build --full-refresh.
select
    address,
    address_key,
    {{ text_key('address') }} as address_key_now
from {{ ref('int_addresses__keys') }}
where address_key <> {{ text_key('address') }}
