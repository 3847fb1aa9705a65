with

scam_labels as (

    select * from {{ ref('int_addresses__labels') }}
    where
        label_kind = 'scam'
        and usage = 'training'
        and {{ is_not_of_reviews('source') }}

),

activity as (

    select * from {{ ref('int_addresses__activity') }}

),

-- The first report counts. Later ones add nothing.
scams as (

    select
        address,
        min(reported_at) as reported_at
    from scam_labels
    group by address

),

delays as (

    select
        coalesce(
            substr({{ timestamp_text('scams.reported_at') }}, 1, 7), 'unknown'
        ) as reported_in,
        cast({{ dbt.date_trunc('month', 'scams.reported_at') }} as date)
            as reported_month,
        activity.first_event_at is not null as has_events,
        scams.reported_at is null as is_report_time_unknown,
        case
            when activity.first_event_at is not null
                then (
                    {{ epoch_seconds('scams.reported_at') }}
                    - {{ epoch_seconds('activity.first_event_at') }}
                ) / cast(86400 as {{ type_double() }})
        end as delay_days
    from scams
    left join activity
        on {{ text_key('scams.address') }} = activity.address_key

),

periods as (

    select * from delays

    union all

    select
        'all' as reported_in,
        cast(null as date) as reported_month,
        has_events,
        is_report_time_unknown,
        delay_days
    from delays

),

ordered_delays as (

    select
        *,
        row_number() over (
            partition by reported_in, delay_days is not null
            order by delay_days
        ) as position,
        count(delay_days) over (partition by reported_in) as delays
    from periods

)

select
    reported_in,
    count(*) as scams,
    count(case when has_events then 1 end) as scams_with_events,
    count(case when delay_days < 0 then 1 end) as reported_before_first_event,
    {{ exact_median('delay_days') }} as median_delay_days,
    min(case
        when delay_days is not null and 10 * position >= 9 * delays
            then delay_days
    end) as ninety_percent_delay_days,
    count(case when is_report_time_unknown then 1 end)
    / cast(count(*) as {{ type_double() }}) as unknown_report_time_share,
    reported_month
from ordered_delays
group by reported_in, reported_month
