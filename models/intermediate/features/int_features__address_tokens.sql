with

token_events as (

    select * from {{ ref('int_features__window_token_events') }}

),

-- In a transfer of an ERC-721 token the value is the number of the item.
nft_contracts as (

    select distinct address_key
    from {{ ref('stg_chain__contracts') }}
    where is_erc721 and rejection_reason is null

),

token_totals as (

    select
        token_events.window_id,
        token_events.address_key,
        token_events.token_address_key,
        nft_contracts.address_key is not null as is_nft,
        count(case when token_events.is_outgoing then 1 end) as sent,
        count(case when not token_events.is_outgoing then 1 end) as received,
        count(
            case
                when
                    not token_events.is_outgoing
                    and token_events.value_number = 0
                    and nft_contracts.address_key is null
                    then 1
            end
        ) as received_empty
    from token_events
    left join nft_contracts
        on token_events.token_address_key = nft_contracts.address_key
    group by
        token_events.window_id,
        token_events.address_key,
        token_events.token_address_key,
        nft_contracts.address_key is not null

)

select
    window_id,
    address_key,
    cast(sum(sent) as {{ dbt.type_bigint() }}) as token_sent_count,
    cast(sum(received) as {{ dbt.type_bigint() }}) as token_received_count,
    count(*) as token_contract_count,
    {{ mean_or_zero(
        'sum(case when is_nft then sent + received else 0 end)',
        'sum(sent + received)'
    ) }} as nft_transfer_share,
    {{ mean_or_zero('sum(received_empty)', 'sum(received)') }}
        as zero_value_token_received_share
from token_totals
group by window_id, address_key
