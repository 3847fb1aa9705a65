{# Addresses the clusterings are fitted on: as set, else by the var search. #}
{% macro profile_sample_size() %}
    {%- set rows = setting('profile_sample_size') -%}
    {{ return({'quick': 2000, 'full': 10000}[setting('search')]
        if rows is none else rows) }}
{% endmacro %}

{# What profiles are fitted on, and then what also describes them. #}
{% macro investor_features() %}
    {{ return(['ether_balance', 'unique_tokens', 'unique_transfers']) }}
{% endmacro %}
{% macro profile_description_features() %}
    {{ return(investor_features() + ['transactions', 'active_days']) }}
{% endmacro %}
