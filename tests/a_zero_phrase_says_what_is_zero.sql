-- The median follows a reason in the unit of its feature, so a phrase for zero
-- tells which one that is: "Received no ether (median 62 %)" would not.
with

phrases as (

    select
        zero_phrase,
        case when unit = 'eth' then 'wei' else unit end as unit
    from {{ ref('scam_reasons') }}
    where zero_phrase is not null

)

select
    zero_phrase,
    count(distinct unit) as units
from phrases
group by zero_phrase
having count(distinct unit) > 1
