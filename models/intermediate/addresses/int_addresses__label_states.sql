with

labels as (

    select * from {{ ref('int_addresses__labels') }}
    where coalesce(valid_to > {{ now_utc() }}, true)

),

kinds as (

    select
        address,
        min(case when label_kind = 'entity' then category end)
            as entity_category,
        max(
            case
                when label_kind = 'scam' and usage = 'training' then 5
                when label_kind = 'scam' then 4
                when label_kind = 'entity' then 3
                when label_kind = 'benign' then 2
                else 1
            end
        ) as strongest
    from labels
    group by address

)

-- Where sources disagree, the graver label holds.
select
    address,
    entity_category,
    case strongest
        when 5 then 'scam'
        when 4 then 'external_scam'
        when 3 then 'entity'
        when 2 then 'benign'
        else 'other'
    end as label_state
from kinds
