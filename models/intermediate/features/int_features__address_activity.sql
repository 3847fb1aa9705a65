with

activity as (

    {{ merged_activity(only_changed=true) }}

)

select
    window_id,
    address_key,

    incoming_count,
    outgoing_count,
    failed_count,
    contract_creation_count,
    positive_incoming_count,
    positive_outgoing_count,
    round_incoming_count,
    round_outgoing_count,
    dust_count,

    incoming_wei,
    outgoing_wei,
    fee_wei,
    max_incoming_wei,
    max_outgoing_wei,
    min_incoming_wei,
    min_outgoing_wei,

    incoming_epoch_seconds,
    outgoing_epoch_seconds,

    cast(gas_price_wei as {{ type_double() }}) / nullif(gas_price_count, 0)
        as avg_gas_price,
    cast(gas_limit as {{ type_double() }}) / nullif(gas_limit_count, 0)
        as avg_gas_limit,

    first_event_at,
    last_event_at
from activity
