{#
    The configuration that scores addresses: the boosted tree that does not
    see when an address lived. Everything else is fitted for comparison. An
    older run scores with the first of the feature sets it has, so that a new
    one at the head of the list leaves the champion of the day in place.
#}
{% macro champion_model_name() %}
    {{- return('xgboost') -}}
{% endmacro %}
{% macro champion_feature_sets() %}
    {{- return(['all', 'without_absolute_time']) -}}
{% endmacro %}
{% macro champion_feature_set() %}
    {{- return(champion_feature_sets()[0]) -}}
{% endmacro %}
