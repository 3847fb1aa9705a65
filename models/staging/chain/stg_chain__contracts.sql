{{ config(**table_by_day()) }}

with

contracts as (

    select * from {{ ref('base_chain__contracts') }}

)

select
    input_file,
    {{ text_key('address') }} as address_key,

    rejection_reason,
    case when rejection_reason is not null then address end as rejected_key,
    case
        when rejection_reason is not null
            then {{ named_values(['address', 'block_timestamp_text']) }}
    end as rejected_values,

    is_erc20,
    is_erc721,
    is_wallet,

    block_timestamp,
    {{ block_date('block_timestamp') }} as block_date
from contracts
where {{ is_row_of_this_load('block_timestamp') }}
