{#
    64-bit integer key of a text. Grouping and joining tens of millions of
    events by integer instead of 42-character address is three times as fast
    in a quarter of the memory. A test on int_addresses__keys shows that no two
    addresses share a key. DuckDB's hash() may change with its version: after
    an upgrade rebuild with --full-refresh (a test tells).
#}
{% macro text_key(column) %}
    {{- return(adapter.dispatch('text_key')(column)) -}}
{% endmacro %}
{% macro duckdb__text_key(column) -%}
    case when {{ column }} is not null then hash({{ column }}) end
{%- endmacro %}
{% macro bigquery__text_key(column) -%}
    farm_fingerprint({{ column }})
{%- endmacro %}

{#
    Integer 0 … buckets - 1 from the MD5 of an address: the same on both
    engines, so that samples and splits are the same addresses everywhere.
    NULL for NULL, which || keeps on both engines and concat only on one.
#}
{% macro address_bucket(column, buckets) -%}
    mod(
        cast(
            '0x' || substr({{ dbt.hash(column) }}, 1, 8)
            as {{ dbt.type_bigint() }}
        ),
        {{ buckets }}
    )
{%- endmacro %}

{#
    Fifth of the addresses, 0 to 4. The fit random leaves out fifth 0, and every
    fit has a model without each fifth.
#}
{% macro address_fifth(column) -%}
    cast(floor({{ address_bucket(column, 100) }} / 20) as {{ dbt.type_int() }})
{%- endmacro %}

{# Integer 0 … buckets - 1 from a key. Keys differ between the engines. #}
{% macro key_bucket(column, buckets) -%}
    abs(mod({{ column }}, {{ buckets }}))
{%- endmacro %}

{# Query for the values of some columns of a relation as one column. #}
{% macro values_of_columns(relation, columns, name) %}
    {{- return(adapter.dispatch('values_of_columns')(relation, columns, name)) -}}
{% endmacro %}
{# Files are read and unpacked once, not once a column. #}
{% macro duckdb__values_of_columns(relation, columns, name) -%}
    select unnest([{{ columns | join(', ') }}]) as {{ name }} from {{ relation }}
{%- endmacro %}
{# A table is billed by the column, however often it is named. #}
{% macro bigquery__values_of_columns(relation, columns, name) -%}
    {%- for column in columns %}
    {{ 'union all' if not loop.first }}
    select {{ column }} as {{ name }} from {{ relation }}
    {%- endfor %}
{%- endmacro %}
