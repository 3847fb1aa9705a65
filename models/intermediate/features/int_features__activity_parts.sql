{{ config(**table_by_part('table')) }}

{#- Seconds are summed from 1970 and shifted to the window's origin later. -#}
{%- set seconds = epoch_seconds('block_timestamp') %}

with

-- Thousandths of an ether, rounded. Dividing a double is far cheaper than
-- dividing exact wei, and below a billion ether it rounds to the same number.
events as (

    select
        *,
        cast(value_wei as {{ type_double() }}) as value_double,
        value_wei > 0 as is_positive,
        cast(
            round(cast(value_wei as {{ type_double() }}) / 1e15)
            as {{ dbt.type_bigint() }}
        ) as thousandths
    from {{ ref('int_features__window_events') }}
    where {{ is_of_this_run() }}

),

-- Amounts that people type: multiples of 0.1 ETH, below 1 ETH of 0.01 ETH,
-- below 0.1 ETH of 0.001 ETH.
event_amounts as (

    select
        *,
        thousandths > 0
        and cast(thousandths as {{ type_wei() }}) * {{ wei('0.001') }}
        = value_wei
        and mod(
            thousandths,
            case
                when thousandths < 100 then 1
                when thousandths < 1000 then 10
                else 100
            end
        ) = 0 as is_round
    from events

)

select
    {{ part_keys(['window_id', 'address_key']) }},

    count(case when not is_outgoing then 1 end) as incoming_count,
    count(case when is_outgoing then 1 end) as outgoing_count,
    count(case when is_failed then 1 end) as failed_count,
    count(case when is_contract_creation then 1 end)
        as contract_creation_count,
    count(case when is_positive and not is_outgoing then 1 end)
        as positive_incoming_count,
    count(case when is_positive and is_outgoing then 1 end)
        as positive_outgoing_count,
    count(case when is_round and not is_outgoing then 1 end)
        as round_incoming_count,
    count(case when is_round and is_outgoing then 1 end)
        as round_outgoing_count,
    count(case when is_positive and value_wei < {{ wei('0.01') }} then 1 end)
        as dust_count,

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
from event_amounts
group by {{ part_keys(['window_id', 'address_key']) }}
