with

-- Wallets show the first and last four hexadecimal digits of an address.
addresses as (

    select
        address_key,
        concat(substr(address, 3, 4), substr(address, 39, 4)) as look
    from {{ ref('int_addresses__keys') }}

),

counted_looks as (

    select
        *,
        count(*) over (partition by look) as addresses
    from addresses

)

select
    address_key,
    look
from counted_looks
where addresses > 1
