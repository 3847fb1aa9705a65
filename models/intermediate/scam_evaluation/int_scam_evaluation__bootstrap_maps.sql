with

numbers as (

    select cast(generated_number as {{ dbt.type_int() }}) as replicate
    from (
        {{ dbt.generate_series(var('bootstrap_replicates', 200)) }}
    ) as series

),

texts as (

    select
        replicate,
        cast(replicate as {{ dbt.type_string() }}) as replicate_text
    from numbers

)

select
    replicate,
    1 + {{ address_bucket(
        "concat('multiplier ', replicate_text)", 2147483646
    ) }} as multiplier,
    {{ address_bucket(
        "concat('increment ', replicate_text)", 2147483647
    ) }} as increment
from texts
