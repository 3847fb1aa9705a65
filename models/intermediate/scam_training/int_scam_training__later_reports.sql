with

cutoffs as (

    select distinct
        fit_name,
        cutoff_at
    from {{ ref('int_scam_training__evaluations') }}
    where positive_labels = 'later_report'

),

-- A review follows an alert, so it cannot show that the alert came first.
scam_labels as (

    select * from {{ ref('int_addresses__labels') }}
    where label_kind = 'scam' and {{ is_not_of_reviews('source') }}

),

activity as (

    select * from {{ ref('int_addresses__activity') }}

),

-- A label without a report time counts as known at any time, so its address
-- was never reported later. Addresses on an external list test another
-- evaluation. A label that was taken back shows no scam, but it was a report.
first_reports as (

    select
        address,
        min(reported_at) as first_reported_at
    from scam_labels
    group by address
    having
        count(*) = count(reported_at)
        and count(case when usage = 'external' then 1 end) = 0
        and count(
            case when coalesce(valid_to > {{ now_utc() }}, true) then 1 end
        ) > 0

),

last_report as (

    select max(reported_at) as reports_until from scam_labels
    where usage = 'training'

)

select
    cutoffs.fit_name,
    first_reports.address,
    activity.first_event_at < cutoffs.cutoff_at as is_seen_by_cutoff,
    cutoffs.cutoff_at,
    first_reports.first_reported_at,
    last_report.reports_until
from first_reports
inner join cutoffs on first_reports.first_reported_at > cutoffs.cutoff_at
inner join activity
    on {{ text_key('first_reports.address') }} = activity.address_key
cross join last_report
