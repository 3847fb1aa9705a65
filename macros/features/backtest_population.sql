{#
    Whether an address gets features in a window (of a relation named windows):
    in lifetime every address, in the windows of backtests only those that may
    train or test a model, which unlabelled_sample_percent bounds.
#}
{% macro has_features(address_key) -%}
    {%- set population = ref('int_features__backtest_population') -%}
    {%- if setting('unlabelled_sample_percent') >= 100 -%}
    true
    {%- else -%}
    (
        windows.window_name = 'lifetime'
        or {{ address_key }} in (select address_key from {{ population }})
    )
    {%- endif -%}
{%- endmacro %}
