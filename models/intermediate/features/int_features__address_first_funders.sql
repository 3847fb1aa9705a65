with

-- Empty and failed transfers do not fund an address.
events as (

    select
        address_key,
        counterparty_key,
        value_wei,
        block_timestamp,
        lag(block_timestamp) over (
            partition by address_key
            order by
                block_timestamp asc,
                coalesce(block_number, -1) asc,
                coalesce(transaction_index, 1000000) asc,
                value_wei desc,
                transaction_key asc
        ) as previous_at
    from {{ ref('int_events__transaction_events') }}
    where
        not is_outgoing
        and value_wei > 0
        and counterparty_key <> address_key

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

-- A label reported after a window ended is not part of it.
entities as (

    select distinct
        windows.window_id,
        {{ text_key('labels.address') }} as address_key
    from {{ ref('int_addresses__labels') }} as labels
    inner join windows
        on
            {{ is_label_known(
                'labels', 'windows.window_end', 'windows.is_to_data_end'
            ) }}
    where labels.label_kind = 'entity'

),

-- The first in a window is the one whose predecessor lies before it.
first_funds as (

    select
        windows.window_id,
        events.address_key,
        events.counterparty_key,
        events.value_wei
    from events
    inner join windows
        on
            events.block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
            and coalesce(events.previous_at < windows.window_start, true)
    where {{ has_features('events.address_key') }}

)

select
    first_funds.window_id,
    first_funds.address_key,
    first_funds.counterparty_key as funder_key,
    cast(first_funds.value_wei as {{ type_double() }}) / 1e18
        as first_incoming_eth,
    cast(
        case when entities.address_key is not null then 1 else 0 end
        as {{ dbt.type_bigint() }}
    ) as first_funder_entity_count
from first_funds
left join entities
    on
        first_funds.window_id = entities.window_id
        and first_funds.counterparty_key = entities.address_key
