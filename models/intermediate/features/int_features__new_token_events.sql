-- depends_on: {{ ref('int_features__fold_bounds') }}
{%- set start = fold_bounds().start %}

with

transfers as (

    select * from {{ ref('int_events__token_transfers') }}
    {%- if start %}
    -- Every run reads again what has no known day.
    where
        block_date >= cast('{{ start }}' as date)
        or block_date = {{ unknown_day() }}
    {%- endif %}

),

sides as (

    select true as is_outgoing
    union all
    select false as is_outgoing

)

select
    transfers.transaction_key,
    transfers.log_index,
    transfers.token_address_key,
    case
        when sides.is_outgoing then transfers.from_address_key
        else transfers.to_address_key
    end as address_key,
    case
        when sides.is_outgoing then transfers.to_address_key
        else transfers.from_address_key
    end as counterparty_key,
    transfers.value_number,
    sides.is_outgoing,
    transfers.block_timestamp,
    transfers.block_date
from transfers
cross join sides
