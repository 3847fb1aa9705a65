with

entries as (

    select * from {{ ref('base_labels__input_files') }}

),

intake as (

    select * from {{ ref('int_addresses__label_intake') }}

)

select
    entries.table_name,
    entries.file_name,
    entries.file_format,
    entries.layout,
    {% for name, value in {
        'rows_read': 'intake.loaded_rows',
        'rows_accepted':
            'intake.loaded_rows - intake.rejected_rows - intake.repeated_rows',
        'rows_duplicate': 'intake.repeated_rows',
        'rows_rejected': 'intake.rejected_rows',
        'rows_too_early': 'null',
        'rows_unused': 'null',
    }.items() -%}
    {{ as_count(value) }} as {{ name }},
    {% endfor -%}
    entries.rows_in_file,
    entries.columns_used,
    entries.columns_ignored,
    entries.columns_absent
from entries
left join intake on entries.input_file = intake.input_file
