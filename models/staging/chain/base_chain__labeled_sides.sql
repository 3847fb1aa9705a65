with

source as (

    select * from {{ labeled_transactions() }} as chain

),

sides as (
    {% for side in ['from', 'to'] %}
    {{- 'union distinct' if not loop.first }}

    select
        {{ clean_hex(side ~ '_address') }} as address,
        {{ label_category(side ~ '_category') }} as reported_category,
        {{ clean_text(side ~ '_scam') }} as scam_text,
        {{ parse_flag(side ~ '_scam') }} as is_scam
    from source
    where {{ side }}_scam is not null or {{ side }}_category is not null
    {% endfor %}
)

select
    *,
    {{ number_rejection('scam_text', 'is_scam', 'scam flag', largest('flag')) }}
        as rejection_reason
from sides
where {{ is_hex('address', 40) }}
