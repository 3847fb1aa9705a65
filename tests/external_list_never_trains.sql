-- Addresses on an external scam list test the external view as scams and are
-- in no training or validation split and no other test.
with

external_list as (

    select distinct address
    from {{ ref('address_labels') }}
    where label_kind = 'scam' and usage = 'external'

),

examples as (

    select
        fit_name as used_by,
        address
    from {{ ref('int_scam_training__examples') }}

    union all

    select
        view as used_by,
        address
    from {{ ref('int_scam_evaluation__examples') }}
    where view <> 'external' or split <> 'test' or not is_scam

)

select
    examples.used_by,
    examples.address
from examples
inner join external_list on examples.address = external_list.address
