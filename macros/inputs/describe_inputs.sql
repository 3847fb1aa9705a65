{# Says once, before anything runs, which chain data and labels are read. #}
{% macro describe_inputs() %}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do adapter.dispatch('describe_inputs')() -%}
    {%- endif -%}
{% endmacro %}

{% macro duckdb__describe_inputs() %}
    {%- set directory = env_var('CHAIN_DATA', '') -%}
    {%- if not directory -%}
        {%- do log("Chain data: the simulated sample in seeds/sample.", info=true) -%}
    {%- else -%}
        {%- set missing = [] -%}
        {%- set present = [] -%}
        {%- for name in chain_tables() -%}
            {%- set parts = chain_files(name) -%}
            {%- if parts -%}{%- do present.append(name) -%}
            {%- else -%}{%- do missing.append(name) -%}{%- endif -%}
        {%- endfor -%}
        {%- if not present -%}
            {%- do exceptions.raise_compiler_error(
                "CHAIN_DATA: " ~ directory ~ " holds no chain table. Expected"
                ~ " <table>.parquet, .csv, .csv.gz or .json, or a folder <table>/"
                ~ " of such files, for " ~ chain_tables().keys() | join(', ') ~ "."
            ) -%}
        {%- endif -%}
        {%- do log(
            "Chain data: " ~ directory ~ " with " ~ present | join(', ') ~ "."
            ~ (" Missing, taken as empty: " ~ missing | join(', ') ~ "." if missing),
            info=true
        ) -%}
    {%- endif -%}
    {%- set labels = [] -%}
    {%- if not directory -%}{%- do labels.append('the simulated sample') -%}{%- endif -%}
    {%- for part in label_files() -%}
        {%- do labels.append(part.files | join(', ')) -%}
    {%- endfor -%}
    {%- do log("Labels: " ~ (labels | join(' and ') or 'none but those in labeled transactions') ~ ".", info=true) -%}
{% endmacro %}

{% macro bigquery__describe_inputs() %}
    {%- do log(
        "Chain data: " ~ (
            "bigquery-public-data.crypto_ethereum"
            if setting('bigquery_chain_source') == 'public'
            else "the simulated sample in seeds/sample"
        ) ~ ". Labels: " ~ (setting('label_table') or 'none set in label_table') ~ ".",
        info=true
    ) -%}
{% endmacro %}
