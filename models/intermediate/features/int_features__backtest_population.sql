with

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

labelled_addresses as (

    select distinct address from {{ ref('int_addresses__labels') }}

)

-- A fixed threshold on a hash: an address that is drawn stays drawn.
select
    addresses.address_key,
    addresses.address,
    labelled_addresses.address is not null as is_labelled
from addresses
left join labelled_addresses
    on addresses.address = labelled_addresses.address
where
    labelled_addresses.address is not null
    or {{ address_bucket('addresses.address', 10000) }}
    < {{ setting('unlabelled_sample_percent') }} * 100
