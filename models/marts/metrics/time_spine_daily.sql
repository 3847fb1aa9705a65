-- 8,000 days reach from the first block into 2037.
with

days as (

    {{ dbt.generate_series(8000) }}

)

select
    cast({{ dbt.dateadd(
        'day', 'cast(generated_number as int) - 1', "date '2015-07-30'"
    ) }} as date) as date_day
from days
