{# Written once a run, in the build that trains it: vars and windows change. #}
{{ config(materialized='incremental', full_refresh=false) }}
{%- set sample_percent = var('unlabelled_sample_percent') %}

with

views as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

windows as (

    select * from {{ ref('feature_windows') }}

),

new_run as (

    select run_id from {{ ref('int_scam_evaluation__newest_run') }}
    {% if is_incremental() %}
    where run_id not in (select stored.run_id from {{ this }} as stored)
    {% endif %}

),

-- Windows other than lifetime hold who may take part in evaluation only.
populations as (

    select
        new_run.run_id,
        views.view,
        views.cutoff,
        '{{ var("negatives") }}' as negative_kind,
        cast({{ sample_percent }} as {{ type_double() }})
            as unlabelled_sample_percent,
        case
            when windows.window_name = 'lifetime' then windows.addresses
            else windows.addresses * 100.0 / {{ [sample_percent, 100] | min }}
        end as addresses,
        (
            {{ epoch_seconds('windows.data_end_at') }}
            - {{ epoch_seconds('windows.origin_at') }}
        ) / cast(86400 as {{ type_double() }}) as days
    from new_run
    cross join views
    inner join windows on views.train_window_name = windows.window_name

)

select
    run_id,
    view,
    cutoff,
    negative_kind,
    unlabelled_sample_percent,
    cast(addresses as {{ type_double() }}) / greatest(days, 1.0)
        as addresses_per_day
from populations
