{# Addresses the clusterings are fitted on: as set, else by the var search. #}
{% macro profile_sample_size() %}
    {%- set sizes = {'quick': 2000, 'full': 10000} -%}
    {%- set search = var('search') -%}
    {%- set rows = var('profile_sample_size') -%}
    {%- if rows is none and search not in sizes -%}
        {%- do exceptions.raise_compiler_error(
            "The var search is '" ~ search ~ "'. It must be quick or full."
        ) -%}
    {%- endif -%}
    {%- set rows = sizes[search] if rows is none else rows | int -%}
    {%- if rows < 10 -%}
        {%- do exceptions.raise_compiler_error(
            'The var profile_sample_size is ' ~ rows ~ '. It must be 10 or more.'
        ) -%}
    {%- endif -%}
    {{ return(rows) }}
{% endmacro %}

{# What profiles are fitted on, and then what also describes them. #}
{% macro investor_features() %}
    {{ return(['ether_balance', 'unique_tokens', 'unique_transfers']) }}
{% endmacro %}
{% macro profile_description_features() %}
    {{ return(investor_features() + ['transactions', 'active_days']) }}
{% endmacro %}
