{#
    Whether an address gets features in a window (of a relation named windows):
    in lifetime everyone, in the windows of evaluation views only who may take
    part in training or evaluation, which unlabelled_sample_percent bounds.
#}
{% macro has_features(address_key) -%}
    {%- if var('unlabelled_sample_percent') >= 100 -%}
    true
    {%- else -%}
    (
        windows.window_name = 'lifetime'
        or {{ address_key }} in (
            select address_key from {{ ref('int_features__backtest_population') }}
        )
    )
    {%- endif -%}
{%- endmacro %}
