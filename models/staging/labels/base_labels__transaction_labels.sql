with

sides as (

    select * from {{ ref('base_chain__labeled_sides') }}

),

label_categories as (

    select * from {{ ref('label_categories') }}

),

categorised_sides as (

    select
        sides.address,
        sides.is_scam,
        sides.reported_category,
        label_categories.category,
        label_categories.label_kind
    from sides
    left join label_categories
        on sides.reported_category = label_categories.reported_category
    where sides.rejection_reason is null

)

-- The scam flag decides. A category text that the project does not know, or
-- that contradicts the flag, stays visible as scam or other. A zero flag
-- without a category says nothing.
select distinct
    address,
    coalesce(reported_category, 'scam') as reported_category,
    'labeled_transactions' as source,
    case
        when is_scam = 1 and coalesce(label_kind, '') <> 'scam' then 'scam'
        when is_scam = 0 and label_kind = 'scam' then 'other'
        else coalesce(category, 'other')
    end as category,
    case
        when is_scam = 1 then 'scam'
        when is_scam = 0 and label_kind = 'scam' then 'other'
        else coalesce(label_kind, 'other')
    end as label_kind
from categorised_sides
where is_scam = 1 or reported_category is not null
