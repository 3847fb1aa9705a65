with

labels as (

    select * from {{ ref('address_labels') }}

),

windows as (

    select
        *,
        labels_known_at = max(labels_known_at) over () as is_to_data_end
    from {{ ref('int_features__windows') }}

),

-- Known: reported by then, or of unknown report time, and not yet delisted.
-- A window up to the end of the data is of today: what has been taken back
-- since then must not teach or test a model any more.
known as (

    select
        windows.window_name,
        labels.*
    from labels
    inner join windows
        on
            coalesce(labels.reported_at <= windows.labels_known_at, true)
            and coalesce(labels.valid_to > windows.labels_known_at, true)
            and (
                not windows.is_to_data_end
                or coalesce(labels.valid_to > {{ now_utc() }}, true)
            )

)

select
    window_name,
    {{ text_key('address') }} as address_key,
    count(
        case when label_kind = 'scam' and usage = 'training' then 1 end
    ) > 0 as is_scam,
    count(
        case when label_kind = 'scam' and usage = 'external' then 1 end
    ) > 0 as is_external_scam,
    count(
        case when label_kind = 'benign' and usage = 'training' then 1 end
    ) > 0 as is_benign,
    count(case when label_kind = 'entity' then 1 end) > 0 as is_entity,
    count(
        case
            when
                label_kind = 'scam' and usage = 'training'
                and is_report_time_known
                then 1
        end
    ) > 0 as is_report_time_known
from known
group by window_name, {{ text_key('address') }}
