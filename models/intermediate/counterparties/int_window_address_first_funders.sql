with

-- Empty and failed transfers fund nobody.
events as (

    select * from {{ ref('int_window_events') }}
    where
        not is_outgoing
        and value_wei > 0
        and counterparty_key <> address_key

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

labels as (

    select
        *,
        {{ text_key('address') }} as address_key
    from {{ ref('address_labels') }}
    where label_kind = 'entity'

),

entities as (

    select distinct
        windows.window_id,
        labels.address_key
    from labels
    inner join windows
        on
            coalesce(labels.reported_at <= windows.labels_known_at, true)
            and coalesce(labels.valid_to > windows.labels_known_at, true)

),

ranked as (

    select
        *,
        row_number() over (
            partition by window_id, address_key
            order by
                block_timestamp asc,
                coalesce(block_number, -1) asc,
                coalesce(transaction_index, 1000000) asc,
                value_wei desc,
                transaction_key asc
        ) as preference
    from events

)

select
    ranked.window_id,
    ranked.address_key,
    ranked.counterparty_key as funder_key,
    cast(ranked.value_wei as {{ type_double() }}) / 1e18
        as first_incoming_eth,
    case when entities.address_key is not null then 1 else 0 end
        as is_first_funder_entity
from ranked
left join entities
    on
        ranked.window_id = entities.window_id
        and ranked.counterparty_key = entities.address_key
where ranked.preference = 1
