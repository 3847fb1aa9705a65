{{ config(
    materialized='table',
    post_hook=[
        '{{ forget_loads_that_start_over() }}',
        "{{ forget_what_was_settled_too_early('int_features__fold_state', 'counted_before') }}",
        "{{ forget_what_was_settled_too_early('int_scam_serving__alert_transactions', 'settled_before') }}",
    ]
) }}

{%- set bounds = next_load_bounds() %}

select
    '{{ chain_name() }}' as chain_source,
    {{ timestamp_literal(bounds.start) }} as load_start,
    {{ timestamp_literal(bounds.end) }} as load_end
