with

features as (

    select * from {{ ref('int_investor_profiles__features') }}

)

-- Drawn by the hash of the address: the same addresses on both engines, and
-- a larger sample holds the smaller one.
select
    address,
    features_fingerprint,
    ether_balance,
    unique_tokens,
    unique_transfers,
    active_days,
    incoming_share
from features
where read_group = 1 and entity is null
order by {{ dbt.hash('address') }}, address
limit {{ profile_sample_size() }}
