{#
    The configuration that scores addresses: the boosted tree that does not
    see when an address lived. Everything else is fitted for comparison. An
    older run scores with the first of the feature sets it has: the one before
    goes into the list, so that a new one leaves the champion of the day in
    place. The model scam_promotion_trials has the same list.
#}
{% macro champion_model_name() %}
    {{- return('xgboost') -}}
{% endmacro %}
{% macro champion_feature_set() %}
    {{- return('all') -}}
{% endmacro %}
{% macro champion_feature_sets() %}
    {{- return([champion_feature_set()] + ['without_absolute_time']) -}}
{% endmacro %}
