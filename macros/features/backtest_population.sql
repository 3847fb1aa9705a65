{#
    Whether the windows of backtests count an address: all or, below 100
    unlabelled_sample_percent, those that may train or test a model.
#}
{% macro is_in_backtests(address_key) -%}
    {%- set population = ref('int_features__backtest_population') -%}
    {%- if setting('unlabelled_sample_percent') >= 100 -%}
    true
    {%- else -%}
    {{ address_key }} in (select address_key from {{ population }})
    {%- endif -%}
{%- endmacro %}
