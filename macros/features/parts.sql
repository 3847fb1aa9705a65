{#
    Tables of parts: totals of each window × address, or finer, kept apart by
    settled_before. See folds.sql.
#}

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
        on_schema_change=when_columns_differ(),
        pre_hook='{{ forget_parts_of_this_run() }}',
        **by_key_ranges('address_key')
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

{# Names of the tables of parts. #}
{% macro tables_by_part() %}
    {{ return([
        'int_addresses__token_parts', 'int_addresses__transfer_parts',
        'int_features__activity_parts', 'int_features__edge_parts',
        'int_features__first_funds', 'int_features__flow_parts',
        'int_features__hour_parts', 'int_features__interval_parts',
        'int_features__token_edge_parts', 'int_features__token_parts',
        'int_features__value_parts',
    ]) }}
{% endmacro %}

{# Whether a relation exists and was written part by part. #}
{% macro holds_parts(relation) %}
    {{ return(
        relation and not relation.is_view
        and 'settled_before' in adapter.get_columns_in_relation(relation)
            | map(attribute='name')
    ) }}
{% endmacro %}

{#
    Stands in place of dbt's macro of this name: a table that a run which
    rebuilds its tables wrote as a whole is written again, part by part.
#}
{% macro should_full_refresh() %}
    {%- set relation = load_cached_relation(this)
        if model.name in tables_by_part() -%}
    {{ return(
        dbt.should_full_refresh() or (relation and not holds_parts(relation))
    ) }}
{% endmacro %}

{#
    Condition of the events that this run counts. The views below have the days
    of the run that made them, which is another if you run a table alone.
#}
{% macro is_of_this_run() -%}
    {%- set start = fold_bounds().start -%}
    {{ "settled_before > cast('" ~ start ~ "' as date)" if start else 'true' }}
{%- endmacro %}

{# Columns that tell the rows of a table of parts apart. #}
{% macro part_keys(keys) -%}
    {{ (keys + (['settled_before'] if loads_incrementally() else [])) | join(', ') }}
{%- endmacro %}

{#
    The part an event belongs to: a settled one, unless a later run reads its day
    again. Of `windows`, only lifetime is added to: backtests are counted once.
#}
{% macro settled_before(is_open, windows=none) -%}
    case
        when
            {{ (windows ~ ".window_name = 'lifetime' and ") if windows }}{{ is_open }}
            then {{ never_settled() }}
        else cast('{{ fold_bounds().end or '1970-01-01' }}' as date)
    end
{%- endmacro %}

{# Whether a later run reads the day of a time again. #}
{% macro is_open_time(block_timestamp) -%}
    {{ block_timestamp }}
    >= {{ timestamp_literal((fold_bounds().end or '1970-01-01') ~ ' 00:00:00') }}
{%- endmacro %}

{# Whether a later run reads a day again, as every run does where it is unknown. #}
{% macro is_open_day(block_date) -%}
    (
        {{ block_date }} >= cast('{{ fold_bounds().end or '1970-01-01' }}' as date)
        or {{ block_date }} = {{ unknown_day() }}
    )
{%- endmacro %}

{#
    Query that merges the parts of each group. `counts` are added up as 64-bit
    integers, `sums` as they are; of `smallest` and `largest` one remains. With
    `only_changed` it holds what this run computes features from.
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
    where {{ is_computed('address_key') if only_changed else 'true' }}
    group by {{ keys | join(', ') }}
    {%- endif -%}
{% endmacro %}

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

{# Whether a kept part of int_features__first_funds has the first fund of an
   address. False where this run counts everything. #}
{% macro is_funded_before(address_key) -%}
    {%- set relation = built_relation('int_features__first_funds')
        if adds_to_parts() -%}
    {%- if relation -%}
    {{ address_key }} in (
        select address_key from {{ relation }}
        where {{ is_lifetime('window_id') }}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
