{{ config(severity='warn') }}

{%- set this_build = timestamp_literal(
    run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')
) %}
{#- In a short queue a few more alerts do not count as a jump. #}
{%- set least_alerts = 20 %}

-- A build that opens more alerts than half of those that stood before it is
-- worth a look: at new labels, a new champion or damaged data. The first build
-- does not count.
with

changes as (

    select * from {{ ref('address_state_changes') }}

),

counts as (

    select
        count(case
            when changed_at >= {{ this_build }} and alert_change = 'opened'
                then 1
        end) as opened_alerts,
        count(case
            when changed_at < {{ this_build }} and alert_change = 'opened'
                then 1
        end)
        - count(case
            when changed_at < {{ this_build }} and alert_change = 'closed'
                then 1
        end) as earlier_alerts
    from changes

)

select * from counts
where
    earlier_alerts > 0
    and opened_alerts > {{ least_alerts }}
    and 2 * opened_alerts > earlier_alerts
