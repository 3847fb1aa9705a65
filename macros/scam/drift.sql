{#
    Rows that a distribution is compared on: they place it within a percent,
    and all of a big chain in sorted lists would take one machine a feature.
#}
{% macro drift_sample_size() %}{{ return(20000) }}{% endmacro %}
