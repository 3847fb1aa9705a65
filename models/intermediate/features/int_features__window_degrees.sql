{#-
    Below 100 percent most counterparties of the sampled addresses are not in
    the sample, so that their own counterparties have yet to be counted.
-#}
{%- set all_are_counted = var('unlabelled_sample_percent') >= 100 %}

-- depends_on: {{ ref('int_features__window_edges') }}
-- depends_on: {{ ref('int_events__transaction_events') }}
-- depends_on: {{ ref('int_features__windows') }}

with

counted_addresses as (

    select * from {{ ref('int_features__address_counterparties') }}

),

{% if all_are_counted -%}
degrees as (

    select
        window_id,
        address_key,
        counterparty_count
    from counted_addresses

)
{%- else -%}
met_addresses as (

    select distinct
        window_id,
        counterparty_key as address_key
    from {{ ref('int_features__window_edges') }}

),

uncounted_addresses as (

    select met_addresses.*
    from met_addresses
    left join counted_addresses
        on
            met_addresses.window_id = counted_addresses.window_id
            and met_addresses.address_key = counted_addresses.address_key
    where counted_addresses.address_key is null

),

pairs as (

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

    select
        window_id,
        address_key,
        counterparty_count
    from counted_addresses

    union all

    select
        window_id,
        address_key,
        count(*) as counterparty_count
    from pairs
    group by window_id, address_key

)
{%- endif %}

select * from degrees
where counterparty_count > 0
