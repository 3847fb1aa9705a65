with

changes as (

    select * from {{ ref('address_state_changes') }}
    where alert_change is not null

),

periods as (

    select
        *,
        lead(changed_at) over (partition by address order by changed_at)
            as next_changed_at
    from changes

)

select
    address,
    run_id,
    risk_tier,
    next_changed_at is null as is_open,
    changed_at as opened_at,
    next_changed_at as closed_at
from periods
where alert_change = 'opened'
