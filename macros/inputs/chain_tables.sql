{#
    The chain tables the project reads: the public columns it uses, the ones it
    cannot do without, and the column BigQuery partitions the table by.
    `labels` are columns only the published "labeled transactions" layout has.
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
            'optional': [
                'is_erc20', 'is_erc721', 'block_timestamp', 'block_number'
            ],
            'partition': 'block_timestamp',
        },
        'tokens': {
            'required': ['address'],
            'optional': ['symbol', 'name', 'decimals', 'total_supply'],
        },
        'blocks': {
            'required': ['number', 'timestamp'],
            'partition': 'timestamp',
        },
    }) }}
{% endmacro %}

{#
    A chain table as a subquery with exactly the columns of chain_tables(),
    absent ones NULL. Only base models call it.
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
    {%- set parts = chain_files(name) if execute else [] -%}
    {{ return(files_as_table(parts, chain_table_columns(name))) }}
{% endmacro %}

{% macro bigquery__chain_table(name) %}
    {%- if setting('bigquery_chain_source') == 'sample' -%}
        {{ return(sample_chain_table(name)) }}
    {%- endif -%}
    {%- set table = chain_tables()[name] -%}
    {%- set query -%}
(
    select
        {{ public_columns(name) }}
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
    {%- set table = chain_tables()[name] -%}
    {{ return(
        table.required + table.get('optional', []) + table.get('labels', [])
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
        {{ public_columns(name) }}
        {%- for column in table.get('labels', []) %},
        cast(null as {{ dbt.type_string() }}) as {{ column }}
        {%- endfor %}
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

{# The transactions with the columns of the "labeled transactions" layout, which
   the public tables and the sample do not have. #}
{% macro labeled_transactions() %}
    {{- return(adapter.dispatch('labeled_transactions')()) -}}
{% endmacro %}

{% macro duckdb__labeled_transactions() %}
    {{ return(chain_table('transactions')) }}
{% endmacro %}

{% macro bigquery__labeled_transactions() %}
    {%- set query -%}
(
    select
        {%- for column in ['from_address', 'to_address']
            + chain_tables().transactions.labels %}
        cast(null as string) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as no_transaction)
    where false
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
