{#
    Post-hook of repeated transactions: warns of those whose copies in one block
    name other senders, recipients or amounts. One of them counts, and which one
    is a guess: internal calls, token transfers and the transactions of another
    chain look so. The public tables of BigQuery hold each once.
#}
{% macro warn_of_contradictions(transactions, files) %}
    {{- return(adapter.dispatch('warn_of_contradictions')(transactions, files)) -}}
{% endmacro %}

{% macro bigquery__warn_of_contradictions(transactions, files) %}{% endmacro %}

{% macro duckdb__warn_of_contradictions(transactions, files) %}
    {%- if execute -%}
        {%- set columns = ['from_address_key', 'to_address_key', 'value_wei'] -%}
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
            ~ is_day_of_this_load() ~ ") as copies on chosen.transaction_key = copies.transaction_key"
            ~ " and coalesce(chosen.block_number = copies.block_number, true)"
            ~ " left join " ~ files ~ " as files on files.table_name ="
            ~ " 'transactions' and files.input_file = copies.input_file"
            ~ " group by chosen.transaction_key having " ~ differs | join(' or ')
            ~ ") as contradictions"
        ).rows[0] -%}
        {%- if found[0] -%}
            {%- do exceptions.warn(
                "Transactions with copies that differ in sender, recipient or"
                ~ " amount: " ~ found[0] ~ ", for example in " ~ found[1]
                ~ (" and " ~ found[2] if found[2] != found[1] else "")
                ~ ". One copy counts. If the rows are internal calls, token"
                ~ " transfers or of another chain, take them out."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
