{{ config(**table_by_day()) }}

{%- set validated_columns = ['block_number_text', 'block_timestamp_text'] %}

with

blocks as (

    select * from {{ ref('base_chain__blocks') }}

)

select
    input_file,
    block_number,

    rejection_reason,
    case when rejection_reason is not null then block_number_text end
        as rejected_key,
    case
        when rejection_reason is not null
            then {{ named_values(validated_columns) }}
    end as rejected_values,

    block_timestamp,
    {{ block_date('block_timestamp') }} as block_date
from blocks
where {{ is_row_of_this_load('block_timestamp') }}
