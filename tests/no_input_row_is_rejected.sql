{{ config(severity='warn', store_failures=true) }}

-- The build stops above max_rejected_share only. Below it you still want to
-- know which table lost how many rows, and why.
with

rejected_rows as (

    select * from {{ ref('rejected_chain_rows') }}

    union all

    select * from {{ ref('rejected_labels') }}

)

select
    table_name,
    rejection_reason,
    sum(number_of_rows) as number_of_rows
from rejected_rows
group by table_name, rejection_reason
