{{ config(tags=['train']) }}

with

fits as (

    select distinct
        fit_name,
        train_window_name
    from {{ ref('int_scam_training__evaluations') }}

),

features as (

    select * from {{ ref('address_window_features') }}

),

splits as (

    select * from {{ ref('int_scam_training__splits') }}

)

-- Addresses on an external list teach nothing, whenever they were reported.
select
    fits.fit_name,
    features.address,
    features.window_name,
    case when splits.split = 'validation' then 'validation' else 'train' end
        as split,
    features.is_scam,
    splits.is_labelled,
    splits.address_fifth
from fits
inner join features on fits.train_window_name = features.window_name
inner join splits on features.address = splits.address
where
    not splits.is_on_external_list
    {% if var('negatives') == 'labelled' -%}
    and (features.is_scam or features.is_benign)
    {% endif -%}
    and (fits.fit_name <> 'random' or splits.split <> 'test')
