{{ config(tags=['train']) }}

with

training_addresses as (

    select * from {{ ref('int_scam_training__addresses') }}

)

select
    fit_name,
    {{ text_key('address') }} as address_key
from training_addresses
where split = 'train' and is_scam
