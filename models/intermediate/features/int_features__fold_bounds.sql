-- depends_on: {{ ref('int_events__chain_intake') }}
{{ config(materialized='table', post_hook='{{ forget_fold_state() }}') }}

{%- set start = counted_before() %}
{%- set settles_before = load_bounds().start[:10] %}

select
    {{ "cast('" ~ start ~ "' as date)" if start else 'cast(null as date)' }}
        as counted_before,
    cast('{{ [start or '', settles_before] | max }}' as date) as settles_before
