with

assignments as (

    select * from {{ ref('investor_profile_assignments') }}

),

features as (

    select * from {{ ref('int_investor_profiles__features') }}
    where read_group = 1 and entity is null

)

select
    assignments.run_id,
    assignments.address,
    assignments.cluster,
    features.ether_balance,
    features.unique_tokens,
    features.unique_transfers,
    features.transactions,
    features.active_days
from assignments
inner join features on assignments.address = features.address
