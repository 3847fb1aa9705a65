with

fits as (

    select distinct
        fit_name,
        train_window_name,
        negative_labels,
        train_labels_known_at
    from {{ ref('int_scam_training__evaluations') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

activity as (

    select * from {{ ref('int_features__window_activity') }}

),

candidates as (

    select * from {{ ref('int_scam_training__candidates') }}

),

labels as (

    select * from {{ ref('int_scam_training__labels') }}

)

-- Addresses on an external list never train, whenever they were reported. The
-- fit random leaves out the fifth it is tested on. A scam that was reported
-- after the data end is not a non-scam of a fit up to that end. At an earlier
-- cutoff nobody could tell. One or two transactions tell too little to call
-- their address a non-scam.
select
    fits.fit_name,
    candidates.address,
    fits.train_window_name as window_name,
    coalesce(labels.is_scam, false) as is_scam,
    candidates.is_labelled,
    candidates.address_fifth,
    fits.train_labels_known_at as labels_known_at
from fits
inner join windows on fits.train_window_name = windows.window_name
inner join activity on windows.window_id = activity.window_id
inner join candidates on activity.address_key = candidates.address_key
left join labels
    on
        fits.train_labels_known_at = labels.labels_known_at
        and candidates.address = labels.address
where
    not candidates.is_on_external_list
    and (fits.fit_name <> 'random' or candidates.address_fifth <> 0)
    and (
        not candidates.is_late_scam
        or fits.train_window_name <> 'lifetime'
        or coalesce(labels.is_scam, false)
    )
    and (
        coalesce(labels.is_scam or labels.is_benign, false)
        or (
            fits.negative_labels = 'unlabelled'
            and activity.incoming_count + activity.outgoing_count
            >= {{ setting('least_events') }}
        )
    )
