with

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

labelled as (

    select distinct address from {{ ref('address_labels') }}

)

-- A fixed threshold on a hash: whoever is drawn stays drawn.
select
    addresses.address_key,
    addresses.address,
    labelled.address is not null as is_labelled
from addresses
left join labelled on addresses.address = labelled.address
where
    labelled.address is not null
    or {{ address_bucket('addresses.address', 10000) }}
    < {{ var('unlabelled_sample_percent') }} * 100
