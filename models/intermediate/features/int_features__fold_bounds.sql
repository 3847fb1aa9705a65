-- depends_on: {{ ref('int_events__chain_intake') }}
{{ config(materialized='table', post_hook='{{ forget_fold_state() }}') }}

{%- set start = counted_before() %}
{%- set settles_before = "cast('" ~ load_bounds().start[:10] ~ "' as date)" %}
{%- set counted_before = "cast('" ~ start ~ "' as date)" %}

with

days as (

    select max(last_transaction_at) as last_transaction_at
    from {{ ref('int_events__transaction_days') }}

),

-- The window lifetime ends with the last transaction. A token transfer after it
-- comes into the window with a later one, so its day is still open.
settled as (

    select
        least(
            {{ settles_before }},
            coalesce(
                cast(last_transaction_at as date), {{ settles_before }}
            )
        ) as settles_before
    from days

)

{% if start -%}
select
    {{ counted_before }} as counted_before,
    greatest({{ counted_before }}, settles_before) as settles_before
from settled
{%- else -%}
select
    cast(null as date) as counted_before,
    settles_before
from settled
{%- endif %}
