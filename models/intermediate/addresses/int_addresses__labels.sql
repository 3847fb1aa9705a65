{{ config(materialized='table', **layout(cluster_by=['address'])) }}

-- depends_on: {{ ref('int_addresses__label_intake') }}

with

labels as (

    select * from {{ ref('stg_labels__address_labels') }}

)

select
    address,
    category,
    source,
    label_kind,
    usage,
    confidence,
    url,
    is_report_time_known,
    reported_at,
    valid_to
from labels
