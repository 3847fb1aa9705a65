{{ config(**table_by_day()) }}

with

token_transfers as (

    select * from {{ ref('base_chain__token_transfers') }}

)

select
    input_file,

    {{ text_key('transaction_hash') }} as transaction_key,
    {{ text_key('token_address') }} as token_address_key,
    {{ text_key('from_address') }} as from_address_key,
    {{ text_key('to_address') }} as to_address_key,

    rejection_reason,
    case when rejection_reason is not null then transaction_hash end
        as rejected_key,
    rejected_values,

    value_number,
    log_index,
    block_number,

    block_timestamp,
    {{ block_date('block_timestamp') }} as block_date
from token_transfers
where {{ is_row_of_this_load('block_timestamp') }}
