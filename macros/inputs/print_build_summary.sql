{% macro print_build_summary() %}{% endmacro %}
