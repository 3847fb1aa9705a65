with

entries as (

    select * from {{ ref('base_chain__input_files') }}

),

intake as (

    select * from {{ ref('int_events__chain_intake') }}

),

{#- Copies of a transaction, and of the token transfers of one, are counted
    where they are found, and what counts is counted where it is read. -#}
{% for table in ['transactions', 'token_transfers'] %}
repeated_{{ table }} as (

    select distinct transaction_key
    from {{ ref('int_events__repeated_' ~ table) }}

),

{{ table }} as (

    select
        delivered.input_file,
        delivered.block_timestamp,
        repeated.transaction_key is not null as is_repeated
    from {{ ref('stg_chain__' ~ table) }} as delivered
    left join repeated_{{ table }} as repeated
        on delivered.transaction_key = repeated.transaction_key
    where
        delivered.rejection_reason is null
        and {{ is_day_of_this_load() }}

),

{% endfor -%}
{% if receipts_may_be_unmatched() -%}
receipts as (

    select
        input_file,
        {{ text_key('transaction_hash') }} as transaction_key
    from {{ ref('stg_chain__receipts') }}

),

-- Of earlier loads too: receipts are read whole in each.
matched_receipts as (

    select distinct receipts.transaction_key
    from receipts
    inner join {{ ref('stg_chain__transactions') }} as delivered
        on receipts.transaction_key = delivered.transaction_key

),

{% endif -%}
outcomes as (
    {% for table in ['transactions', 'token_transfers'] -%}
    select
        '{{ table }}' as table_name,
        input_file,
        0 as accepted,
        case when is_repeated then 1 else 0 end as repeated,
        case
            when not is_repeated and {{ is_too_early('block_timestamp') }}
                then 1
            else 0
        end as too_early,
        0 as unused
    from {{ table }}

    union all

    select
        '{{ table }}' as table_name,
        input_file,
        0 as accepted,
        -1 as repeated,
        case when {{ is_too_early('block_timestamp') }} then 1 else 0 end
            as too_early,
        0 as unused
    from {{ ref('int_events__repeated_' ~ table) }}
    where {{ is_day_of_this_load() }}

    union all

    select
        '{{ table }}' as table_name,
        input_file,
        1 as accepted,
        0 as repeated,
        0 as too_early,
        case when block_timestamp is null then 1 else 0 end as unused
    from {{ ref('int_events__' ~ table) }}
    where {{ is_day_of_this_load() }}

    union all

    {% endfor -%}
    select
        table_name,
        input_file,
        loaded_rows - rejected_rows - repeated_rows as accepted,
        repeated_rows as repeated,
        0 as too_early,
        0 as unused
    from intake
    where table_name not in ('transactions', 'token_transfers')
    {%- if receipts_may_be_unmatched() %}

    union all

    select
        'receipts' as table_name,
        receipts.input_file,
        0 as accepted,
        0 as repeated,
        0 as too_early,
        1 as unused
    from receipts
    left join matched_receipts
        on receipts.transaction_key = matched_receipts.transaction_key
    where matched_receipts.transaction_key is null
    {%- endif %}

),

outcomes_by_file as (

    select
        table_name,
        input_file,
        sum(accepted) as accepted_rows,
        sum(repeated) as repeated_rows,
        sum(too_early) as too_early_rows,
        sum(unused) as unused_rows
    from outcomes
    group by table_name, input_file

)

select
    entries.table_name,
    entries.file_name,
    entries.file_format,
    entries.layout,
    {% for name, value in {
        'rows_read': 'intake.loaded_rows',
        'rows_accepted': 'outcomes_by_file.accepted_rows',
        'rows_duplicate': 'outcomes_by_file.repeated_rows',
        'rows_rejected': 'intake.rejected_rows',
        'rows_too_early': 'outcomes_by_file.too_early_rows',
        'rows_unused': 'outcomes_by_file.unused_rows',
    }.items() -%}
    case
        when entries.table_name is not null
            then {{ as_count(value) }}
    end as {{ name }},
    {% endfor -%}
    entries.rows_in_file,
    entries.columns_used,
    entries.columns_ignored,
    entries.columns_absent
from entries
left join intake
    on
        entries.table_name = intake.table_name
        and entries.input_file = intake.input_file
left join outcomes_by_file
    on
        entries.table_name = outcomes_by_file.table_name
        and entries.input_file = outcomes_by_file.input_file
