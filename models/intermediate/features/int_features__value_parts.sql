{{ config(**table_by_part()) }}

{%- set incoming = 'is_positive and not is_outgoing' %}
{%- set outgoing = 'is_positive and is_outgoing' %}

with

-- The next multiple of 0.001 ETH. Division by a double is far cheaper than that
-- of exact wei, and below a billion ether it cannot miss.
events as (

    select
        {{ part_keys(['window_id', 'address_key']) }},
        is_outgoing,
        value_wei,
        value_wei > 0 as is_positive,
        cast(
            round(cast(value_wei as {{ type_double() }}) / 1e15)
            as {{ dbt.type_bigint() }}
        ) as thousandths
    from {{ ref('int_features__window_events') }}

),

-- Amounts that people type: multiples of 0.1 ETH, below 1 ETH of 0.01 ETH,
-- below 0.1 ETH of 0.001 ETH.
event_amounts as (

    select
        *,
        case when {{ incoming }} then value_wei end as received_wei,
        is_positive and value_wei < {{ wei('0.01') }} as is_dust,
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

-- What is not received with a value has no received value: one row.
select
    {{ part_keys(['window_id', 'address_key', 'received_wei']) }},
    count(*) as events,
    count(case when is_positive then 1 end) as positive,
    count(case when is_dust then 1 end) as dust,
    count(case when {{ outgoing }} then 1 end) as outgoing,
    count(case when is_round and is_outgoing then 1 end) as round_outgoing,
    count(case when is_round and not is_outgoing then 1 end) as round_incoming,
    count(received_wei) as incoming
from event_amounts
group by {{ part_keys(['window_id', 'address_key', 'received_wei']) }}
