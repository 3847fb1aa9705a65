-- A scam that a model learns from was reported before its training window
-- ended, or at an unknown time, and not taken back by then.
with

scams as (

    select
        fit_name,
        address,
        window_end
    from {{ ref('int_scam_training__examples') }}
    where is_scam

),

labels as (

    select * from {{ ref('address_labels') }}
    where label_kind = 'scam' and usage = 'training'

)

select
    scams.fit_name,
    scams.address,
    scams.window_end
from scams
left join labels
    on
        scams.address = labels.address
        and coalesce(scams.window_end >= labels.reported_at, true)
        and coalesce(scams.window_end < labels.valid_to, true)
group by scams.fit_name, scams.address, scams.window_end
having count(labels.address) = 0
