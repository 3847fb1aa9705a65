{#
    Post-hook of the chain's intake: a column of which the largest of many values
    of a file is tiny is in another unit. Nobody moves or holds less than a gwei,
    and no price of gas was ever below a thousandth of one. Times that are all
    midnight were dates. The public tables of BigQuery are in wei.
#}
{% macro warn_of_other_units(transactions, balances, files) %}
    {{- return(adapter.dispatch('warn_of_other_units')(transactions, balances, files)) -}}
{% endmacro %}

{% macro bigquery__warn_of_other_units(transactions, balances, files) %}{% endmacro %}

{% macro duckdb__warn_of_other_units(transactions, balances, files) %}
    {%- if execute -%}
        {%- set accepted = " where rejection_reason is null" -%}
        {%- set loaded = transactions ~ accepted ~ " and " ~ is_day_of_this_load() -%}
        {%- do warn_of_unit(
            "value_wei", loaded, files, 1000000000, "amounts", "transactions",
            "value", "ether"
        ) -%}
        {%- do warn_of_unit(
            "gas_price_wei", loaded ~ " and gas_used is not null", files, 1000000,
            "gas prices", "transactions", "gas_price", "gwei"
        ) -%}
        {%- do warn_of_unit(
            "balance_wei", balances ~ accepted, files, 1000000000, "balances",
            "balances", "eth_balance", "ether"
        ) -%}
        {%- do warn_of_dates(loaded, files) -%}
    {%- endif -%}
{% endmacro %}

{#
    Post-hook of the chain's intake: warns of transactions that may have failed.
    Since the Byzantium fork a node knows it of each. Where some have a status and
    others have none, in their files or in receipts, it was lost on the way.
#}
{% macro warn_of_unknown_status(transactions, files) %}
    {{- return(adapter.dispatch('warn_of_unknown_status')(transactions, files)) -}}
{% endmacro %}

{% macro bigquery__warn_of_unknown_status(transactions, files) %}{% endmacro %}

{% macro duckdb__warn_of_unknown_status(transactions, files) %}
    {%- if execute -%}
        {%- set loaded = "(select * from " ~ transactions
            ~ " where rejection_reason is null and " ~ is_day_of_this_load()
            ~ " and block_timestamp >= "
            ~ timestamp_literal('2017-10-16 05:22:11') ~ ")" -%}
        {%- set number = run_query(
            "select count(*) from " ~ loaded ~ " as loaded where is_failed is null"
        ).rows[0][0] -%}
        {#- Another copy may have it. -#}
        {%- set found = run_query(
            "select count(distinct unknown.transaction_key), min(files.file_name)"
            ~ " from " ~ loaded ~ " as unknown left join " ~ files ~ " as files"
            ~ " on files.table_name = 'transactions'"
            ~ " and files.input_file = unknown.input_file"
            ~ " where unknown.is_failed is null and unknown.transaction_key not in"
            ~ " (select transaction_key from " ~ loaded ~ " as known"
            ~ " where is_failed is not null)"
            ~ " and exists (select 1 from " ~ loaded ~ " as any_known"
            ~ " where is_failed is not null)"
        ).rows[0] if number else [0, none] -%}
        {%- if found[0] -%}
            {%- do exceptions.warn(
                "No status is known of " ~ found[0] ~ " transactions, for example"
                ~ " in " ~ found[1] ~ ", though others have one, so they count as"
                ~ " good. Add their status, or receipts of them with a status."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#
    Post-hook of the chain's intake: warns of files of which every row was
    rejected. Beside larger ones they may be less than the allowed share. A run
    that adds days reads some rows of a file only.
#}
{% macro warn_of_rejected_files(files) %}
    {{- return(adapter.dispatch('warn_of_rejected_files')(files)) -}}
{% endmacro %}

{% macro bigquery__warn_of_rejected_files(files) %}{% endmacro %}

{% macro duckdb__warn_of_rejected_files(files) %}
    {%- if execute and not loads_incrementally() -%}
        {%- set count, row_count, name = run_query(
            "select count(*), sum(intake.rejected_rows), min(files.file_name)"
            ~ " from " ~ this ~ " as intake inner join " ~ files ~ " as files"
            ~ " on intake.table_name = files.table_name"
            ~ " and intake.input_file = files.input_file"
            ~ " where intake.rejected_rows = intake.loaded_rows"
        ).rows[0].values() -%}
        {%- if count -%}
            {%- do exceptions.warn(
                "Nothing of " ~ name ~ (
                    " and of " ~ (count - 1) ~ " more like it" if count > 1 else ""
                ) ~ " counts, because every row was rejected (rows: "
                ~ row_count | int ~ "). rejected_chain_rows says why."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Warns if in a file the largest of ten values or more is less than `least` wei. #}
{% macro warn_of_unit(column, rows, files, least, what, table, table_column, unit) %}
    {%- set found = suspicious_files(
        rows ~ " and " ~ column ~ " > 0", files, table,
        "max(" ~ column ~ ") < " ~ least, "max(" ~ column ~ ")"
    ) -%}
    {%- if found -%}
        {%- do exceptions.warn(
            "The largest of " ~ found.rows ~ " " ~ what ~ " in " ~ found.names
            ~ " is " ~ found.largest | int ~ " wei. Are they in " ~ unit
            ~ "? If so, " ~ ("set CHAIN_COLUMNS='{" ~ table ~ ": {"
            ~ table_column ~ ": {" ~ unit ~ ": " ~ table_column ~ "}}}'."
            if found.is_whole_table
            else "write them in wei, as those of the other files are.")
        ) -%}
    {%- endif -%}
{% endmacro %}

{# Warns if in a file ten times or more are all midnight. #}
{% macro warn_of_dates(rows, files) %}
    {%- set found = suspicious_files(
        rows, files, "transactions",
        "bool_and(date_trunc('day', block_timestamp) = block_timestamp)", "0"
    ) -%}
    {%- if found -%}
        {%- do exceptions.warn(
            "All " ~ found.rows ~ " times in " ~ found.names ~ " are midnight."
            ~ " Are they dates? If so, features of hours and pauses say nothing:"
            ~ " export the time of the block."
        ) -%}
    {%- endif -%}
{% endmacro %}

{#
    What is odd about the files of a table that meet a condition: their rows,
    names for a sentence, the largest of a value, and whether they are all files.
    None if they have less than ten rows, alone or, where it is all, together.
#}
{% macro suspicious_files(rows, files, table, condition, largest) %}
    {%- set found = run_query(
        "with counted as (select input_file, count(*) as row_count, " ~ largest
        ~ " as largest, " ~ condition ~ " as is_odd from (select * from " ~ rows
        ~ ") as loaded group by input_file), judged as (select *, bool_and(is_odd)"
        ~ " over () as is_whole_table from counted)"
        ~ " select count(*), sum(row_count), max(largest), bool_and(is_whole_table),"
        ~ " min(file_name) from judged left join " ~ files ~ " as files"
        ~ " on judged.input_file = files.input_file and files.table_name = '"
        ~ table ~ "' where is_odd and (row_count >= 10 or is_whole_table)"
        ~ " having sum(row_count) >= 10"
    ).rows -%}
    {%- if found | length -%}
        {%- set count, row_count, largest, is_whole_table, name = found[0].values() -%}
        {{ return({
            'rows': row_count | int,
            'largest': largest,
            'is_whole_table': is_whole_table,
            'names': table if is_whole_table else (
                name ~ (" and " ~ (count - 1) ~ " other files" if count > 1 else "")
            ),
        }) }}
    {%- endif -%}
{% endmacro %}

{#
    Post-hook of repeated transactions: warns of those whose copies in one block
    name other senders, recipients or amounts, or of which one failed and another
    did not. One of them counts, and which one is a guess: internal calls, token
    transfers and the transactions of another chain look so, and a status that
    was taken for its contrary. The public tables of BigQuery hold each once.
#}
{% macro warn_of_contradictions(transactions, files) %}
    {{- return(adapter.dispatch('warn_of_contradictions')(transactions, files)) -}}
{% endmacro %}

{% macro bigquery__warn_of_contradictions(transactions, files) %}{% endmacro %}

{% macro duckdb__warn_of_contradictions(transactions, files) %}
    {%- if execute -%}
        {%- set columns = [
            'from_address_key', 'to_address_key', 'value_wei',
            'is_contract_creation', 'is_failed',
        ] -%}
        {%- set differs = [] -%}
        {%- for column in columns -%}
            {%- do differs.append(
                "min(copies." ~ column ~ ") <> max(copies." ~ column ~ ")"
            ) -%}
        {%- endfor -%}
        {%- set found = run_query(
            "select count(*), min(first_name), max(last_name) from ("
            ~ "select min(files.file_name) as first_name, max(files.file_name)"
            ~ " as last_name from " ~ this ~ " as chosen inner join (select * from "
            ~ transactions ~ " where rejection_reason is null and "
            ~ is_day_of_this_load() ~ ") as copies"
            ~ " on chosen.transaction_key = copies.transaction_key"
            ~ " and coalesce(chosen.block_number = copies.block_number, true)"
            ~ " left join " ~ files ~ " as files on files.table_name ="
            ~ " 'transactions' and files.input_file = copies.input_file"
            ~ " group by chosen.transaction_key having " ~ differs | join(' or ')
            ~ ") as contradictions"
        ).rows[0] -%}
        {%- if found[0] -%}
            {%- do exceptions.warn(
                "Transactions with copies that differ in sender, recipient,"
                ~ " amount or status: " ~ found[0] ~ ", for example in " ~ found[1]
                ~ (" and " ~ found[2] if found[2] != found[1] else "")
                ~ ". One copy counts. If the rows are internal calls, token"
                ~ " transfers or of another chain, take them out. If the status"
                ~ " of one file says the contrary, correct it."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
