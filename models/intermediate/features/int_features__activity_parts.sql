{{ config(**table_by_part('table')) }}

{#- Seconds are summed from 1970 and shifted to the window's origin later. -#}
{%- set seconds = epoch_seconds('block_timestamp') %}

with

events as (

    select
        *,
        cast(value_wei as {{ type_double() }}) as value_double
    from {{ ref('int_features__window_events') }}

)

select
    {{ part_keys(['window_id', 'address_key']) }},

    count(case when not is_outgoing then 1 end) as incoming_count,
    count(case when is_outgoing then 1 end) as outgoing_count,
    count(case when is_failed then 1 end) as failed_count,
    count(case when is_contract_creation then 1 end)
        as contract_creation_count,

    {{ sum_exactly(
        'case when not is_outgoing then value_wei end'
    ) }} as incoming_wei,
    {{ sum_exactly(
        'case when is_outgoing then value_wei end'
    ) }} as outgoing_wei,
    {{ sum_exactly('fee_wei') }} as fee_wei,
    -- Rounding keeps the order, so the extremes can be taken of the doubles.
    max(case when not is_outgoing then value_double end)
        as max_incoming_wei,
    max(case when is_outgoing then value_double end)
        as max_outgoing_wei,
    min(case when not is_outgoing then value_double end)
        as min_incoming_wei,
    min(case when is_outgoing then value_double end)
        as min_outgoing_wei,

    -- A sum of times fits a narrow integer.
    cast(
        sum(case when not is_outgoing then {{ seconds }} end)
        as {{ dbt.type_bigint() }}
    ) as incoming_epoch_seconds,
    cast(
        sum(case when is_outgoing then {{ seconds }} end)
        as {{ dbt.type_bigint() }}
    ) as outgoing_epoch_seconds,

    {{ sum_exactly('gas_price_wei') }} as gas_price_wei,
    count(gas_price_wei) as gas_price_count,
    {{ sum_exactly('gas_limit') }} as gas_limit,
    count(gas_limit) as gas_limit_count,

    min(block_timestamp) as first_event_at,
    max(block_timestamp) as last_event_at
from events
group by {{ part_keys(['window_id', 'address_key']) }}
