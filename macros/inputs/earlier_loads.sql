{#
    What files of CHAIN_DATA hold beside what earlier loads read of them. Files
    come and go, and a load reads only its own days. The public tables keep what
    they have, so nothing is compared, and read, on BigQuery.
#}
{% macro compare_input_with_tables(bounds) %}
    {{- return(adapter.dispatch('compare_input_with_tables')(bounds)) -}}
{% endmacro %}

{% macro bigquery__compare_input_with_tables(bounds) %}{% endmacro %}

{% macro duckdb__compare_input_with_tables(bounds) %}
    {%- if env_var('CHAIN_DATA', '') -%}
        {%- set plan = chain_input() -%}
        {%- do require_days_of_tables(plan, bounds) -%}
        {%- do warn_of_rows_never_read(plan, bounds) -%}
        {%- do warn_of_untimed_rows_gone(plan) -%}
    {%- endif -%}
{% endmacro %}

{# Tables by day: the key of a row in files, and where loads keep it. #}
{% macro keys_by_day() %}
    {{ return({
        'transactions': {
            'key': text_key(clean_hex(adapter.quote('hash'))),
            'kept_in': 'int_events__transaction_hashes',
            'kept_key': 'transaction_key',
        },
        'token_transfers': {
            'key': text_key(clean_hex('transaction_hash')),
            'kept_in': 'stg_chain__token_transfers',
            'kept_key': 'transaction_key',
        },
        'contracts': {
            'key': text_key(clean_hex('address')),
            'kept_in': 'stg_chain__contracts',
            'kept_key': 'address_key',
        },
        'blocks': {
            'key': parse_integer('number'),
            'kept_in': 'stg_chain__blocks',
            'kept_key': 'block_number',
        },
    }) }}
{% endmacro %}

{# Query for input_file, row_key and row_time of the rows of a table. #}
{% macro keys_of_files(plan, table) %}
    select
        input_file,
        {{ keys_by_day()[table].key }} as row_key,
        {{ parse_timestamp(chain_tables()[table].partition) }}
            as row_time
    from {{ plan.relations.get(table) or no_rows(chain_table_columns(table)) }}
{% endmacro %}

{#
    A load deletes its days and reads them again. Stops if the files hold no
    transaction of these days that the tables hold: they are of another folder,
    or were taken away too early. Warns of single days that the files lack.
#}
{% macro require_days_of_tables(plan, bounds) %}
    {%- set relation = built_relation('int_events__transaction_hashes') -%}
    {%- if not relation -%}{{ return('') }}{%- endif -%}
    {%- set query -%}
        with

        files as (

            {{ keys_of_files(plan, 'transactions') }}
            where row_time >= {{ timestamp_literal(bounds.start) }}

        ),

        loaded_rows as (

            select
                transaction_key as row_key,
                block_date
            from {{ relation }}
            where block_date >= cast('{{ bounds.start[:10] }}' as date)

        ),

        known_rows as (

            select distinct row_key
            from files
            where row_key in (select row_key from loaded_rows)

        )

        select
            cast(loaded_rows.block_date as {{ dbt.type_string() }}) as day,
            count(known_rows.row_key) as known
        from loaded_rows
        left join known_rows on loaded_rows.row_key = known_rows.row_key
        group by loaded_rows.block_date
        order by loaded_rows.block_date
    {%- endset -%}
    {%- set missing = [] -%}
    {%- set days = run_query(query).rows -%}
    {%- for day in days if not day.known -%}
        {%- do missing.append(day.day | string) -%}
    {%- endfor -%}
    {%- if missing and missing | length == days | length -%}
        {%- do exceptions.raise_compiler_error(
            "The files of " ~ env_var('CHAIN_DATA') ~ " hold no transaction"
            ~ " of those that the tables hold from " ~ missing[0] ~ " to "
            ~ missing[-1] ~ ", and this load would replace these days. If"
            ~ " the folder is another one, set DUCKDB_PATH to another file,"
            ~ " or start over with --full-refresh (trained models stay). If"
            ~ " you took the files of these days away, put them back."
        ) -%}
    {%- elif missing -%}
        {%- do exceptions.warn(
            "The files of " ~ env_var('CHAIN_DATA') ~ " hold no transaction"
            ~ " of those that the tables hold of " ~ missing | join(', ')
            ~ ". This load replaces these days. If you took their files away,"
            ~ " put them back and run again with --full-refresh."
        ) -%}
    {%- endif -%}
{% endmacro %}

{#
    Warns of rows whose days are before those of this load, and which no load
    has read: of a file that was added later, or that came too late.
#}
{% macro warn_of_rows_never_read(plan, bounds) %}
    {%- set queries = [] -%}
    {%- for table, definition in keys_by_day().items() -%}
        {%- set relation = built_relation(definition.kept_in) -%}
        {%- if relation and table in plan.relations -%}
            {%- do queries.append([
                table,
                rows_never_read(plan, table, relation, definition.kept_key, bounds)
            ]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set relation = built_relation('stg_chain__transactions') -%}
    {%- for table in ['receipts', 'transactions'] -%}
        {%- if relation and table in plan.relations -%}
            {%- do queries.append([
                table, outcomes_never_read(plan, table, relation, bounds)
            ]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for table, query in queries -%}
        {%- for row in run_query(query).rows -%}
            {%- set file = plan.files
                | selectattr('table_name', 'eq', table)
                | selectattr('input_file', 'eq', row.input_file | int)
                | first -%}
            {%- do found.append(
                file.file_name ~ " (" ~ row.never_read | int ~ " rows)"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if found -%}
        {%- do exceptions.warn(
            "Rows of days before " ~ bounds.start[:10] ~ " are left out,"
            ~ " because their days were loaded without them: "
            ~ found[:10] | join(', ')
            ~ (", and of " ~ (found | length - 10) ~ " more files"
                if found | length > 10 else "")
            ~ ". Run once with --full-refresh to read them."
        ) -%}
    {%- endif -%}
{% endmacro %}

{# Query for files and their rows of earlier days whose key the tables lack. #}
{% macro rows_never_read(plan, table, relation, kept_key, bounds) %}
    select
        files.input_file,
        count(*) as never_read
    from ({{ keys_of_files(plan, table) }}) as files
    where
        files.row_time >= {{ timestamp_literal(history_start()) }}
        and files.row_time < {{ timestamp_literal(bounds.start) }}
        and files.row_key is not null
        and not exists (
            select 1
            from {{ relation }} as kept
            where kept.{{ kept_key }} = files.row_key
        )
    group by files.input_file
    order by files.input_file
{% endmacro %}

{#
    Query for files and their rows that say of a transaction of earlier days
    whether it failed or what gas it used, where the tables do not know it:
    receipts, or a column, that came later than the transaction.
#}
{% macro outcomes_never_read(plan, table, relation, bounds) %}
    {%- set prefix = '' if table == 'receipts' else 'receipt_' -%}
    {%- set key = 'transaction_hash' if table == 'receipts'
        else adapter.quote('hash') %}
    with

    earlier_rows as (

        select *
        from {{ relation }}
        where
            rejection_reason is null
            and block_date < cast('{{ bounds.start[:10] }}' as date)
            and block_date <> {{ unknown_day() }}

    ),

    incomplete_rows as (

        select distinct transaction_key
        from earlier_rows
        where is_failed is null or gas_used is null

    ),

    files as (

        select
            input_file,
            {{ text_key(clean_hex(key)) }} as transaction_key,
            {{ parse_flag(prefix ~ 'status') }} as receipt_status,
            {{ parse_integer(prefix ~ 'gas_used') }} as gas_used
        from {{ plan.relations[table] }}

    ),

    files_of_incomplete_rows as (

        select files.*
        from files
        inner join incomplete_rows
            on files.transaction_key = incomplete_rows.transaction_key

    ),

    -- Another copy may know it.
    kept as (

        select
            transaction_key,
            count(is_failed) as known_outcomes,
            count(gas_used) as known_gas
        from earlier_rows
        where transaction_key in (
            select transaction_key from files_of_incomplete_rows
        )
        group by transaction_key

    )

    select
        files_of_incomplete_rows.input_file,
        count(*) as never_read
    from files_of_incomplete_rows
    inner join kept
        on files_of_incomplete_rows.transaction_key = kept.transaction_key
    where
        (kept.known_outcomes = 0
            and files_of_incomplete_rows.receipt_status is not null)
        or (kept.known_gas = 0
            and files_of_incomplete_rows.gas_used is not null)
    group by files_of_incomplete_rows.input_file
    order by files_of_incomplete_rows.input_file
{% endmacro %}

{#
    Warns of rows without a time that the tables hold and the files lack.
    They have no day, so every load reads all of them again.
#}
{% macro warn_of_untimed_rows_gone(plan) %}
    {%- set found = [] -%}
    {%- for table in ['token_transfers', 'contracts'] -%}
        {%- set definition = keys_by_day()[table] -%}
        {%- set relation = built_relation(definition.kept_in) -%}
        {%- set query -%}
            select count(*)
            from {{ relation }} as kept
            where
                kept.block_date = {{ unknown_day() }}
                and kept.rejection_reason is null
                and not exists (
                    select 1
                    from ({{ keys_of_files(plan, table) }}) as files
                    where files.row_key = kept.{{ definition.kept_key }}
                )
        {%- endset -%}
        {%- set rows = run_query(query).rows[0][0] if relation else 0 -%}
        {%- if rows -%}
            {%- do found.append(table ~ ": " ~ rows) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if found -%}
        {%- do exceptions.warn(
            "The files of " ~ env_var('CHAIN_DATA') ~ " lack rows without a time"
            ~ " that your tables hold (" ~ found | join(", ") ~ "). They are left"
            ~ " out from now on. Such rows have no day, so every run reads them"
            ~ " again. If you took their files away, put them back and keep them."
        ) -%}
    {%- endif -%}
{% endmacro %}
