with

tokens as (

    {{ merged_parts(
        'int_features__token_parts',
        ['window_id', 'address_key', 'token_address_key'],
        counts=['sent_count', 'received_count', 'received_zero_count'],
        only_changed=false
    ) }}

),

-- In a transfer of an ERC-721 token the value is the number of the item.
nft_contracts as (

    select distinct address_key
    from {{ ref('stg_chain__contracts') }}
    where is_erc721 and rejection_reason is null

),

counted_tokens as (

    select
        tokens.*,
        nft_contracts.address_key is not null as is_nft
    from tokens
    left join nft_contracts
        on tokens.token_address_key = nft_contracts.address_key

)

select
    window_id,
    address_key,
    cast(sum(sent_count) as {{ dbt.type_bigint() }}) as token_sent_count,
    cast(sum(received_count) as {{ dbt.type_bigint() }})
        as token_received_count,
    count(*) as token_contract_count,
    {{ mean_or_zero(
        'sum(case when is_nft then sent_count + received_count else 0 end)',
        'sum(sent_count + received_count)'
    ) }} as nft_transfer_share,
    {{ mean_or_zero(
        'sum(case when is_nft then 0 else received_zero_count end)',
        'sum(received_count)'
    ) }} as zero_value_token_received_share
from counted_tokens
group by window_id, address_key
