{#
    Features by days. Where loads add days, what the features are made of is
    kept by address in parts: a part of settled days stays as it is, and the
    part of the days that a later run reads again is counted anew in every run.
    A run reads the events since the last settled day and the parts of the
    addresses that changed, not the history. Where a run rebuilds its tables,
    there is one part and all this is nothing.

    A run that moves the windows of backtests, which is one that trains, counts
    everything anew.
#}

{# Value of settled_before in a part that the next run counts anew. #}
{% macro never_settled() %}{{ return("cast('9999-12-31' as date)") }}{% endmacro %}

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
    {%- if not relation -%}{{ return(none) }}{%- endif -%}
    {%- set rows = run_query(
        "select cast(counted_before as " ~ dbt.type_string() ~ ") from "
        ~ relation ~ " where history_start = '" ~ history_start() ~ "'"
    ).rows -%}
    {{ return(rows[0][0] if rows | length else none) }}
{% endmacro %}

{# A run that counts everything anew and is killed leaves nothing to add to. #}
{% macro forget_fold_state() %}
    {%- set relation = built_relation('int_features__fold_state')
        if execute and loads_incrementally() -%}
    {%- if relation and not counted_before() -%}
        delete from {{ relation }} where true
    {%- endif -%}
{% endmacro %}

{#
    Configuration of a table of parts. `otherwise` is how it is materialized
    where a run rebuilds its tables.
#}
{% macro table_by_part(otherwise='view', cluster_by=none) %}
    {%- set settings = layout(
        partition_by={'field': 'settled_before', 'data_type': 'date'},
        cluster_by=cluster_by
    ) if loads_incrementally() else {} -%}
    {%- do settings.update(
        materialized='incremental' if loads_incrementally() else otherwise,
        on_schema_change='fail',
        pre_hook='{{ forget_parts_of_this_run() }}'
    ) -%}
    {{ return(settings) }}
{% endmacro %}

{# Deletes what this run counts, so that a killed run counts once. Whole
   partitions: free on BigQuery. #}
{% macro forget_parts_of_this_run() %}
    {%- if execute and is_incremental() -%}
        {%- set start = fold_bounds().start -%}
        delete from {{ this }}
        where settled_before > cast('{{ start or '1900-01-01' }}' as date)
    {%- endif -%}
{% endmacro %}

{# Columns that tell the rows of a table of parts apart. #}
{% macro part_keys(keys) -%}
    {{ (keys + (['settled_before'] if loads_incrementally() else [])) | join(', ') }}
{%- endmacro %}

{# The part an event of a window belongs to. Backtests are counted once. #}
{% macro settled_before(windows, block_timestamp) -%}
    {%- set end = fold_bounds().end or '1970-01-01' -%}
    case
        when
            {{ windows }}.window_name = 'lifetime'
            and {{ block_timestamp }}
            >= {{ timestamp_literal(end ~ ' 00:00:00') }}
            then {{ never_settled() }}
        else cast('{{ end }}' as date)
    end
{%- endmacro %}

{#
    Query that merges the parts of each group. `counts` are added up as 64-bit
    integers, `sums` as they are; of `smallest` and `largest` one remains. With
    `only_changed` it holds the addresses whose features this run computes.
#}
{% macro merged_parts(
    model, keys, counts=[], sums=[], smallest=[], largest=[], only_changed=true
) %}
    {%- set relation = ref(model) -%}
    {%- if not loads_incrementally() -%}
    select * from {{ relation }}
    {%- else -%}
    select
        {{ keys | join(', ') }}
        {%- for column in counts %},
        cast(sum({{ column }}) as {{ dbt.type_bigint() }}) as {{ column }}
        {%- endfor %}
        {%- for column in sums %},
        {{ sum_exactly(column) }} as {{ column }}
        {%- endfor %}
        {%- for column in smallest %},
        min({{ column }}) as {{ column }}
        {%- endfor %}
        {%- for column in largest %},
        max({{ column }}) as {{ column }}
        {%- endfor %}
    from {{ relation }}
    where {{ is_changed('address_key') if only_changed else 'true' }}
    group by {{ keys | join(', ') }}
    {%- endif -%}
{% endmacro %}

{# Whether this run computes the features of an address. #}
{% macro is_changed(address_key) -%}
    {%- set changed = ref('int_features__changed_addresses')
        if loads_incrementally() -%}
    {%- if changed and adds_to_parts() -%}
    {{ address_key }} in (select address_key from {{ changed }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#
    Configuration of a table with a row per window × address in which a run that
    adds events replaces the rows of changed addresses. DuckDB deletes them in
    the transaction of the insert. BigQuery writes the table anew, with
    `kept_rows`, for a deletion would be billed as a read of all columns and
    would not be one with the insert.
#}
{% macro table_of_changed_addresses(address_key, cluster_by=none) %}
    {{- return(adapter.dispatch('table_of_changed_addresses')(address_key, cluster_by)) -}}
{% endmacro %}

{% macro duckdb__table_of_changed_addresses(address_key, cluster_by) %}
    {{ return({
        'materialized': 'incremental' if loads_incrementally() else 'table',
        'on_schema_change': 'fail',
        'pre_hook': "{{ forget_changed_addresses('" ~ address_key ~ "') }}",
    }) }}
{% endmacro %}

{% macro bigquery__table_of_changed_addresses(address_key, cluster_by) %}
    {%- set settings = layout(cluster_by=cluster_by) -%}
    {%- do settings.update(materialized='table') -%}
    {{ return(settings) }}
{% endmacro %}

{# Deletes the rows that this run writes again. #}
{% macro forget_changed_addresses(address_key) %}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ is_replaced(address_key) }}
    {%- endif -%}
{% endmacro %}

{# Whether this run writes another row for a row of such a table. #}
{% macro is_replaced(address_key) -%}
    {%- if adds_to_parts() -%}
    {{ is_lifetime('window_id') }} and {{ is_changed(address_key) }}
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# Query for the rows that stay, where the table is written anew. #}
{% macro kept_rows(address_key) %}
    {{- return(adapter.dispatch('kept_rows')(address_key)) -}}
{% endmacro %}

{% macro duckdb__kept_rows(address_key) %}{% endmacro %}

{% macro bigquery__kept_rows(address_key) %}
    {%- if adds_to_parts() and built_relation(this.identifier) -%}
    union all
    select * from {{ this }} where not ({{ is_replaced(address_key) }})
    {%- endif -%}
{% endmacro %}

{# Condition that a window is the one that folds. #}
{% macro is_lifetime(window_id) -%}
    {{ window_id }} in (
        select window_id from {{ mart('int_features__windows') }}
        where window_name = 'lifetime'
    )
{%- endmacro %}

{# Whether exact medians are taken of the rows. Without parts DuckDB does that
   in the pass for the totals. BigQuery has no exact median. #}
{% macro medians_are_direct() %}
    {{- return(adapter.dispatch('medians_are_direct')()) -}}
{% endmacro %}
{% macro duckdb__medians_are_direct() %}{{ return(not loads_incrementally()) }}{% endmacro %}
{% macro bigquery__medians_are_direct() %}{{ return(false) }}{% endmacro %}

{# Query for the totals of each window × address, or of the changed addresses. #}
{% macro merged_activity(only_changed) %}
    {{- return(merged_parts(
        'int_features__activity_parts', ['window_id', 'address_key'],
        counts=[
            'incoming_count', 'outgoing_count', 'failed_count',
            'contract_creation_count', 'positive_incoming_count',
            'positive_outgoing_count', 'round_incoming_count',
            'round_outgoing_count', 'dust_count', 'incoming_epoch_seconds',
            'outgoing_epoch_seconds', 'gas_price_count', 'gas_limit_count',
        ],
        sums=[
            'incoming_wei', 'outgoing_wei', 'fee_wei', 'gas_price_wei',
            'gas_limit',
        ],
        smallest=['min_incoming_wei', 'min_outgoing_wei', 'first_event_at'],
        largest=['max_incoming_wei', 'max_outgoing_wei', 'last_event_at'],
        only_changed=only_changed
    )) -}}
{% endmacro %}
