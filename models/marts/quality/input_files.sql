select * from {{ ref('int_events__input_files') }}

union all

select * from {{ ref('int_addresses__label_files') }}
