{#
    What the last run left in a table of alerts, {relation, settled_before}: the
    UTC day before which it had read all events of its alerts. None where every
    run reads everything, and where the last one read another history.
#}
{% macro known_alert_transactions() %}
    {%- set relation = built_relation('int_scam_serving__alert_transactions')
        if loads_incrementally() and not flags.FULL_REFRESH -%}
    {%- if not relation -%}{{ return(none) }}{%- endif -%}
    {#- The table of an earlier version remembers nothing. -#}
    {%- set columns = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | list -%}
    {%- if 'settled_before' not in columns -%}{{ return(none) }}{%- endif -%}
    {%- set row = run_query(
        "select cast(max(settled_before) as " ~ dbt.type_string()
        ~ "), max(history_start) from " ~ relation
    ).rows[0] -%}
    {%- if not row[0] or row[1] != history_start() -%}{{ return(none) }}{%- endif -%}
    {{ return({'relation': relation, 'settled_before': row[0]}) }}
{% endmacro %}

{# The table of hashes that the last run left, which never change. None if none. #}
{% macro known_alert_hashes() %}
    {{ return(
        built_relation('int_scam_serving__alert_hashes')
        if loads_incrementally() and not flags.FULL_REFRESH else none
    ) }}
{% endmacro %}
