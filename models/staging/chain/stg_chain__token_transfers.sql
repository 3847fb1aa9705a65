{{ config(**table_by_day()) }}

{%- set validated_columns = [
    'transaction_hash', 'token_address', 'from_address', 'to_address',
    'value_text', 'block_timestamp_text',
] %}

with

token_transfers as (

    select * from {{ ref('base_chain__token_transfers') }}

),

keyed_transfers as (

    select
        {{ text_key('transaction_hash') }} as transaction_key,
        {{ text_key('token_address') }} as token_address_key,
        {{ text_key('from_address') }} as from_address_key,
        {{ text_key('to_address') }} as to_address_key,

        rejection_reason,
        case when rejection_reason is not null then transaction_hash end
            as rejected_key,
        case
            when rejection_reason is not null
                then {{ named_values(validated_columns) }}
        end as rejected_values,

        value_text,
        value_number,
        log_index,
        block_number,

        value_number is null as is_value_overflow,

        block_timestamp,
        {{ block_date('block_timestamp') }} as block_date
    from token_transfers
    where {{ is_row_of_this_load('block_timestamp') }}

)

{%- set columns = [
    'transaction_key', 'token_address_key', 'from_address_key',
    'to_address_key', 'rejection_reason', 'rejected_key', 'rejected_values',
    'value_text', 'value_number', 'log_index', 'block_number',
    'is_value_overflow', 'block_timestamp', 'block_date',
] | join(',\n    ') %}

select
    {{ columns }},
    count(*) as copies
from keyed_transfers
group by
    {{ columns }}
