{#
    Condition on a label: it did not come from a review of an alert. Reviews
    follow the alerts, so they say nothing about what a model would find.
#}
{% macro is_not_of_reviews(source) -%}
    {{ source }} <> 'reviews'
{%- endmacro %}
