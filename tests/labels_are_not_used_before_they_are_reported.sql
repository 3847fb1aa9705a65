-- An address counts as a scam of a window only if a label that trains models
-- was reported by then, or at an unknown time.
with

scam_labels as (

    select
        {{ text_key('address') }} as address_key,
        min(
            coalesce(reported_at, {{ timestamp_literal('1970-01-01') }})
        ) as known_from
    from {{ ref('address_labels') }}
    where label_kind = 'scam' and usage = 'training'
    group by {{ text_key('address') }}

),

window_labels as (

    select
        labels.window_name,
        labels.address_key,
        windows.labels_known_at
    from {{ ref('int_scam_training__labels') }} as labels
    left join {{ ref('feature_windows') }} as windows
        on labels.window_name = windows.window_name
    where labels.is_scam

)

select
    window_labels.window_name,
    window_labels.address_key,
    window_labels.labels_known_at,
    scam_labels.known_from
from window_labels
left join scam_labels
    on window_labels.address_key = scam_labels.address_key
where
    not coalesce(
        scam_labels.known_from <= window_labels.labels_known_at, false
    )
