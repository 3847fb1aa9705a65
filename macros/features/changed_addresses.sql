{#
    Whether this run computes the features of an address in a window: all of
    them or, where it adds events, those of changed addresses in the window that
    folds. Backtests were counted when a model was last trained.
#}
{% macro is_computed(address_key) -%}
    {%- set changed = ref('int_features__changed_addresses')
        if loads_incrementally() -%}
    {%- if changed and adds_to_parts() -%}
    {{ is_lifetime('window_id') }}
    and {{ address_key }} in (select address_key from {{ changed }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#
    Configuration of a table with a row per window × address in which a run that
    adds events replaces the rows of changed addresses. DuckDB deletes them in
    the transaction of the insert. BigQuery writes the whole table, with
    `kept_rows`, for a deletion would be billed as a read of all columns and
    would not be one with the insert.
#}
{% macro table_of_changed_addresses(address_key, cluster_by=none) %}
    {{- return(adapter.dispatch('table_of_changed_addresses')(address_key, cluster_by)) -}}
{% endmacro %}

{% macro duckdb__table_of_changed_addresses(address_key, cluster_by) %}
    {%- set settings = by_key_ranges(address_key) -%}
    {%- do settings.update(
        materialized='incremental' if loads_incrementally() else 'table',
        on_schema_change=when_columns_differ(),
        pre_hook="{{ forget_changed_addresses('" ~ address_key ~ "') }}"
    ) -%}
    {{ return(settings) }}
{% endmacro %}

{% macro bigquery__table_of_changed_addresses(address_key, cluster_by) %}
    {%- set settings = layout(cluster_by=cluster_by) -%}
    {%- do settings.update(materialized='table') -%}
    {{ return(settings) }}
{% endmacro %}

{# Deletes the rows that this run writes again. #}
{% macro forget_changed_addresses(address_key) %}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ is_computed(address_key) }}
    {%- endif -%}
{% endmacro %}

{# Query for the rows that stay, where the whole table is written. #}
{% macro kept_rows(address_key) %}
    {{- return(adapter.dispatch('kept_rows')(address_key)) -}}
{% endmacro %}

{% macro duckdb__kept_rows(address_key) %}{% endmacro %}

{% macro bigquery__kept_rows(address_key) %}
    {%- if adds_to_parts() and built_relation(this.identifier) -%}
    union all
    select * from {{ this }} where not ({{ is_computed(address_key) }})
    {%- endif -%}
{% endmacro %}
