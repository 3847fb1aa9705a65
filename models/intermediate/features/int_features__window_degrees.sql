{#-
    Below 100 percent most counterparties of the sampled addresses are not in
    the sample, so that their own counterparties have yet to be counted.
-#}
{%- set everyone_is_counted = var('unlabelled_sample_percent') >= 100 %}

-- depends_on: {{ ref('int_features__window_edges') }}
-- depends_on: {{ ref('int_events__transaction_events') }}
-- depends_on: {{ ref('int_features__windows') }}

with

counted as (

    select * from {{ ref('int_features__address_counterparties') }}

),

{% if everyone_is_counted -%}
degrees as (

    select
        window_id,
        address_key,
        counterparty_count
    from counted

)
{%- else -%}
met as (

    select distinct
        window_id,
        counterparty_key as address_key
    from {{ ref('int_features__window_edges') }}

),

uncounted as (

    select met.*
    from met
    left join counted
        on
            met.window_id = counted.window_id
            and met.address_key = counted.address_key
    where counted.address_key is null

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
    inner join uncounted
        on
            windows.window_id = uncounted.window_id
            and events.address_key = uncounted.address_key
    where events.counterparty_key <> events.address_key

),

degrees as (

    select
        window_id,
        address_key,
        counterparty_count
    from counted

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
