{#-
    Below 100 percent most counterparties of the addresses sampled for backtests
    are not in the sample, so that their own counterparties have yet to be
    counted.
-#}
{%- set everyone_is_counted = setting('unlabelled_sample_percent') >= 100
    or adds_to_parts() %}

{{ config(**table_of_changed_addresses('address_key')) }}

-- depends_on: {{ ref('int_features__changed_addresses') }}
-- depends_on: {{ ref('int_events__transaction_events') }}
-- depends_on: {{ ref('int_features__windows') }}

with

edges as (

    select * from {{ ref('int_features__changed_edges') }}

),

counted_degrees as (

    select
        window_id,
        address_key,
        count(*) as counterparty_count
    from edges
    where counterparty_key <> address_key
    group by window_id, address_key

),

{% if everyone_is_counted -%}
degrees as (

    select * from counted_degrees

)
{%- else -%}
counterparties as (

    select distinct
        window_id,
        counterparty_key as address_key
    from edges

),

-- An address of the sample may have met only itself.
sampled_addresses as (

    select distinct
        window_id,
        address_key
    from edges

),

uncounted_addresses as (

    select counterparties.*
    from counterparties
    left join sampled_addresses
        on
            counterparties.window_id = sampled_addresses.window_id
            and counterparties.address_key = sampled_addresses.address_key
    where sampled_addresses.address_key is null

),

uncounted_edges as (

    select distinct
        windows.window_id,
        events.address_key,
        events.counterparty_key
    from {{ ref('int_events__transaction_events') }} as events
    inner join {{ ref('int_features__windows') }} as windows
        on
            events.block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
    inner join uncounted_addresses
        on
            windows.window_id = uncounted_addresses.window_id
            and events.address_key = uncounted_addresses.address_key
    where events.counterparty_key <> events.address_key

),

degrees as (

    select * from counted_degrees

    union all

    select
        window_id,
        address_key,
        count(*) as counterparty_count
    from uncounted_edges
    group by window_id, address_key

)
{%- endif %}

select * from degrees
{{ kept_rows('address_key') }}
