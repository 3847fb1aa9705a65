{# The columns of the reviews that make labels --review-rows writes. #}
{% macro review_columns() %}
    {{ return([
        'review_id', 'address', 'decision', 'run_id', 'scam_probability',
        'risk_tier', 'alert_rank', 'reviewed_at',
    ]) }}
{% endmacro %}

{#
    Reviews of addresses as a subquery of text columns: on DuckDB the CSV that
    REVIEW_DATA names, on BigQuery review_table. Without them no rows.
#}
{% macro review_table() %}
    {{- return(adapter.dispatch('review_table')()) -}}
{% endmacro %}

{% macro duckdb__review_table() %}
    {%- set file = env_var('REVIEW_DATA', '') -%}
    {{ return(reviews_of(
        "read_csv('" ~ file | replace("'", "''") ~ "', all_varchar = true)"
        if file
    )) }}
{% endmacro %}

{% macro bigquery__review_table() %}
    {%- set table = setting('review_table') -%}
    {{ return(reviews_of('`' ~ table ~ '`' if table)) }}
{% endmacro %}

{# A relation with the columns of reviews, as text. #}
{% macro reviews_of(relation) %}
    {%- if not relation -%}
        {{ return(no_rows(review_columns())) }}
    {%- endif -%}
    {%- set texts = [] -%}
    {%- for column in review_columns() -%}
        {%- do texts.append(
            'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ') as ' ~ column
        ) -%}
    {%- endfor -%}
    {{ return('(select ' ~ texts | join(', ') ~ ' from ' ~ relation ~ ')') }}
{% endmacro %}
