{{ config(materialized='table') }}

{%- set bounds = next_load_bounds() %}

select
    '{{ chain_name() }}' as chain_source,
    {{ timestamp_literal(bounds.start) }} as load_start,
    {{ timestamp_literal(bounds.end) }} as load_end
