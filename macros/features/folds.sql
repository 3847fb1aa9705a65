{#
    Features by days. Where loads add days, what the features are made of is
    kept by address in parts: a part of settled days stays as it is, and the
    part of the days that a later run reads again is counted again in every run.
    A run reads the events since the last settled day and the parts of the
    addresses that changed, not the history. Where a run rebuilds its tables,
    there is one part and all this is nothing.

    A run that moves the windows of backtests, which is one that trains, counts
    all events of the history.
#}

{#
    Value of settled_before in a part that the next run counts again: the last day
    that has a partition of its own on BigQuery. Rows of later ones lie together in
    one that no query and no deletion tells apart.
#}
{% macro never_settled() %}{{ return("cast('2159-12-31' as date)") }}{% endmacro %}

{#
    UTC days as texts. `start`: before it, parts hold all events; none where
    this run counts everything. `end`: days before it are not read again.
#}
{% macro fold_bounds() %}
    {%- set relation = built_relation('int_features__fold_bounds')
        if loads_incrementally() -%}
    {%- set rows = run_query(
        "select cast(counted_before as " ~ dbt.type_string()
        ~ "), cast(settles_before as " ~ dbt.type_string() ~ ") from " ~ relation
    ).rows if relation else [] -%}
    {%- if rows | length == 0 -%}{{ return({'start': none, 'end': none}) }}{%- endif -%}
    {{ return({'start': rows[0][0], 'end': rows[0][1]}) }}
{% endmacro %}

{# Whether this run adds events to what earlier runs counted. #}
{% macro adds_to_parts() %}
    {{ return(fold_bounds().start is not none) }}
{% endmacro %}

{#
    Day before which the last finished run left all events in settled parts.
    None if this run has to count everything: it moves the windows of backtests,
    starts over, or reads a history with another start.
#}
{% macro counted_before() %}
    {%- set model = 'model.' ~ project_name ~ '.int_features__' -%}
    {%- set moves_windows = model ~ 'cutoffs' in selected_resources
        or model ~ 'lead_time_cutoffs' in selected_resources -%}
    {%- set relation = built_relation('int_features__fold_state')
        if loads_incrementally() and not flags.FULL_REFRESH
        and not moves_windows -%}
    {%- if not relation or missing_counts() -%}{{ return(none) }}{%- endif -%}
    {%- set rows = run_query(
        "select cast(counted_before as " ~ dbt.type_string() ~ ") from "
        ~ relation ~ " where history_start = '" ~ history_start() ~ "'"
    ).rows -%}
    {{ return(rows[0][0] if rows | length else none) }}
{% endmacro %}

{# Names of the tables that a run adds to and that do not exist, as after a drop,
   or that a run which rebuilds its tables wrote since. #}
{% macro missing_counts() %}
    {%- set missing = [] -%}
    {%- for name in tables_by_part() -%}
        {%- if not holds_parts(built_relation(name)) -%}
            {%- do missing.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in [
        'int_features__stored_features', 'int_features__window_degrees',
        'int_features__window_extents', 'int_features__windows',
    ] -%}
        {%- if not built_relation(name) -%}
            {%- do missing.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(missing) }}
{% endmacro %}

{# A run that counts the whole history and is killed leaves nothing to add to. #}
{% macro forget_fold_state() %}
    {%- set relation = built_relation('int_features__fold_state')
        if execute and loads_incrementally() -%}
    {%- if relation and not counted_before() -%}
        delete from {{ relation }} where true
    {%- endif -%}
{% endmacro %}

{# Condition that a window is the one that folds. #}
{% macro is_lifetime(window_id) -%}
    {{ window_id }} in (
        select window_id from {{ relation_named('int_features__windows') }}
        where window_name = 'lifetime'
    )
{%- endmacro %}
