{#
    The configuration that scores addresses: the boosted tree that does not
    see when an address lived. Everything else is fitted for comparison.
#}
{% macro champion_model_name() %}
    {{- return('xgboost') -}}
{% endmacro %}
{% macro champion_feature_set() %}
    {{- return('without_absolute_time') -}}
{% endmacro %}
