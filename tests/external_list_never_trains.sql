{{ config(store_failures=true) }}

-- Addresses on an external scam list are the scams of the evaluation external
-- and train no fit and test no other evaluation.
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
        evaluation as used_by,
        address
    from {{ ref('int_scam_evaluation__examples') }}
    where evaluation <> 'external' or not is_scam

)

select
    examples.used_by,
    examples.address
from examples
inner join external_list on examples.address = external_list.address
