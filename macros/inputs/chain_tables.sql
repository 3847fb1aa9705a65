{#
    The chain tables the project reads: the public columns it uses, the ones it
    cannot do without, and the column BigQuery partitions the table by.
    `labels` are columns only the published "labeled transactions" layout has,
    `files` those that only files have.
#}
{% macro chain_tables() %}
    {{ return({
        'transactions': {
            'required': [
                'hash', 'from_address', 'to_address', 'value', 'block_timestamp'
            ],
            'optional': [
                'transaction_index', 'gas', 'gas_price', 'receipt_gas_used',
                'receipt_contract_address', 'receipt_status',
                'receipt_effective_gas_price', 'block_number'
            ],
            'labels': [
                'from_scam', 'to_scam', 'from_category', 'to_category'
            ],
            'partition': 'block_timestamp',
        },
        'token_transfers': {
            'required': [
                'token_address', 'from_address', 'to_address', 'value',
                'transaction_hash'
            ],
            'optional': ['log_index', 'block_timestamp', 'block_number'],
            'partition': 'block_timestamp',
        },
        'balances': {'required': ['address', 'eth_balance']},
        'contracts': {
            'required': ['address'],
            'optional': ['is_erc20', 'is_erc721', 'block_timestamp'],
            'files': ['bytecode'],
            'partition': 'block_timestamp',
        },
        'tokens': {
            'required': ['address'],
            'optional': ['symbol'],
        },
        'blocks': {
            'required': ['number', 'timestamp'],
            'partition': 'timestamp',
        },
    }) }}
{% endmacro %}

{# The tables that files can hold: some exporters keep receipts apart. #}
{% macro file_tables() %}
    {%- set tables = chain_tables() -%}
    {%- do tables.update({'receipts': {
        'required': ['transaction_hash'],
        'optional': [
            'status', 'gas_used', 'effective_gas_price', 'contract_address',
            'block_number'
        ],
    }}) -%}
    {{ return(tables) }}
{% endmacro %}

{#
    A chain table as a subquery with exactly the columns of chain_tables(),
    absent ones NULL, and the number of the file a row is from. Only base models
    call it.
#}
{% macro chain_table(name) %}
    {{- return(adapter.dispatch('chain_table')(name)) -}}
{% endmacro %}

{% macro duckdb__chain_table(name) %}
    {%- if not env_var('CHAIN_DATA', '') -%}
        {{ return(sample_chain_table(name)) }}
    {%- endif -%}
    {# The files stand for the public table: lineage shows its source. #}
    {%- do source('crypto_ethereum', name) -%}
    {{ return(file_table(name)) }}
{% endmacro %}

{# A table of CHAIN_DATA. Without rows if no file holds it. #}
{% macro file_table(name) %}
    {%- set relations = chain_input().relations if execute else {} -%}
    {{ return(relations.get(name) or no_rows(chain_table_columns(name))) }}
{% endmacro %}

{% macro bigquery__chain_table(name) %}
    {%- if setting('bigquery_chain_source') == 'sample' -%}
        {{ return(sample_chain_table(name)) }}
    {%- endif -%}
    {%- set table = chain_tables()[name] -%}
    {%- set query -%}
(
    select
        {{ public_columns(name) }},
        {%- for column in table.get('files', []) %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        0 as input_file
    from {{ source('crypto_ethereum', name) }}
    {%- if table.partition %}
    {%- set bounds = load_bounds() %}
    where
        {{ table.partition }} >= timestamp '{{ bounds.start }}'
        and {{ table.partition }} < timestamp '{{ bounds.end }}'
    {%- endif %}
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}

{# Every column chain_table() gives, in order. #}
{% macro chain_table_columns(name) %}
    {%- set table = file_tables()[name] -%}
    {{ return(
        table.required + table.get('optional', []) + table.get('labels', [])
        + table.get('files', [])
    ) }}
{% endmacro %}

{# The columns of a public table, quoted: `hash` is a keyword of BigQuery. #}
{% macro public_columns(name) %}
    {%- set table = chain_tables()[name] -%}
    {%- set quoted_columns = [] -%}
    {%- for column in table.required + table.get('optional', []) -%}
        {%- do quoted_columns.append(adapter.quote(column)) -%}
    {%- endfor -%}
    {{ return(quoted_columns | join(', ')) }}
{% endmacro %}

{# The committed simulated seed. It carries no labels of its own. #}
{% macro sample_chain_table(name) %}
    {%- set table = chain_tables()[name] -%}
    {%- set query -%}
(
    select
        {{ public_columns(name) }},
        {%- for column in table.get('labels', []) + table.get('files', []) %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        0 as input_file
    from {{ ref('sample_' ~ name) }}
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}

{# Whether token transfers can lack a time. On BigQuery the table is partitioned
   by it, and a look-up would read all transactions. #}
{% macro token_times_may_be_missing() %}
    {{- return(adapter.dispatch('token_times_may_be_missing')()) -}}
{% endmacro %}

{% macro duckdb__token_times_may_be_missing() %}{{ return(true) }}{% endmacro %}

{% macro bigquery__token_times_may_be_missing() %}{{ return(false) }}{% endmacro %}

{# Whether the table balances can be absent. The public one is always there, and
   to look what it lacks would read the sums of all transactions. #}
{% macro balances_may_be_missing() %}
    {{- return(adapter.dispatch('balances_may_be_missing')()) -}}
{% endmacro %}

{% macro duckdb__balances_may_be_missing() %}{{ return(true) }}{% endmacro %}

{% macro bigquery__balances_may_be_missing() %}{{ return(false) }}{% endmacro %}

{# The transactions with the columns of the "labeled transactions" layout, which
   the public tables and the sample do not have. #}
{% macro labeled_transactions() %}
    {{- return(adapter.dispatch('labeled_transactions')()) -}}
{% endmacro %}

{% macro duckdb__labeled_transactions() %}
    {{ return(chain_table('transactions')) }}
{% endmacro %}

{% macro bigquery__labeled_transactions() %}
    {{ return(no_rows(
        ['from_address', 'to_address'] + chain_tables().transactions.labels
    )) }}
{% endmacro %}

{# Whether receipts can be of transactions that are not there. The public table
   has them in its transactions, and a look-up would read all of these. #}
{% macro receipts_may_be_unmatched() %}
    {{- return(adapter.dispatch('receipts_may_be_unmatched')()) -}}
{% endmacro %}

{% macro duckdb__receipts_may_be_unmatched() %}{{ return(true) }}{% endmacro %}

{% macro bigquery__receipts_may_be_unmatched() %}{{ return(false) }}{% endmacro %}

{# The receipts, where an exporter keeps them in files of their own. #}
{% macro receipts() %}
    {{- return(adapter.dispatch('receipts')()) -}}
{% endmacro %}

{% macro duckdb__receipts() %}
    {%- if env_var('CHAIN_DATA', '') -%}
        {{ return(file_table('receipts')) }}
    {%- endif -%}
    {{ return(no_rows(chain_table_columns('receipts'))) }}
{% endmacro %}

{% macro bigquery__receipts() %}
    {{ return(no_rows(chain_table_columns('receipts'))) }}
{% endmacro %}
