with

fits as (

    select distinct
        fit_name,
        train_window_name,
        negative_labels,
        train_labels_known_at
    from {{ ref('int_scam_training__evaluations') }}

),

features as (

    select * from {{ ref('int_features__window_addresses') }}

),

candidates as (

    select * from {{ ref('int_scam_training__candidates') }}

),

labels as (

    select * from {{ ref('int_scam_training__labels') }}

)

-- Addresses on an external list never train, whenever they were reported. The
-- fit random leaves out the fifth it is tested on.
select
    fits.fit_name,
    features.address,
    fits.train_window_name as window_name,
    coalesce(labels.is_scam, false) as is_scam,
    candidates.is_labelled,
    candidates.address_fifth,
    fits.train_labels_known_at as labels_known_at
from fits
inner join features on fits.train_window_name = features.window_name
inner join candidates on features.address = candidates.address
left join labels
    on
        fits.train_labels_known_at = labels.labels_known_at
        and features.address = labels.address
where
    not candidates.is_on_external_list
    and (fits.fit_name <> 'random' or candidates.address_fifth <> 0)
    and (
        fits.negative_labels = 'unlabelled'
        or coalesce(labels.is_scam or labels.is_benign, false)
    )
