with

reported_labels as (

    select * from {{ ref('base_labels__address_labels') }}
    where rejection_reason is null

),

transaction_labels as (

    select * from {{ ref('base_labels__transaction_labels') }}

),

labels as (

    select
        address,
        category,
        label_kind,
        source,
        url,
        confidence,
        usage,
        reported_at,
        valid_to
    from reported_labels

    union all

    select
        address,
        category,
        label_kind,
        source,
        cast(null as {{ dbt.type_string() }}) as url,
        cast(null as {{ dbt.type_string() }}) as confidence,
        'training' as usage,
        cast(null as {{ dbt.type_timestamp() }}) as reported_at,
        cast(null as {{ dbt.type_timestamp() }}) as valid_to
    from transaction_labels

),

-- The newest report of a source holds. Among equal ones a delisting wins. A
-- list to test on never trains, whatever its source reports later.
ranked_reports as (

    select
        *,
        min(usage) over (
            partition by address, category, source
        ) as stricter_usage,
        min(reported_at) over (
            partition by address, category, source
        ) as first_reported_at,
        row_number() over (
            partition by address, category, source
            order by
                case when reported_at is null then 1 else 0 end,
                reported_at desc,
                case when valid_to is null then 1 else 0 end,
                valid_to asc,
                case when url is null then 1 else 0 end,
                url asc,
                case when confidence is null then 1 else 0 end,
                confidence asc
        ) as report_rank
    from labels

)

select
    address,
    category,
    label_kind,
    source,
    url,
    confidence,
    stricter_usage as usage,
    first_reported_at is not null as is_report_time_known,
    first_reported_at as reported_at,
    valid_to
from ranked_reports
where report_rank = 1
