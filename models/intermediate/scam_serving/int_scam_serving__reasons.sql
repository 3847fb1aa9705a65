with

sentences as (

    select * from {{ ref('int_scam_serving__reason_sentences') }}

)

select
    run_id,
    address,
    string_agg(reason_code, ', ' order by reason_rank) as reason_codes,
    concat(string_agg(reason, '. ' order by reason_rank), '.') as reasons
from sentences
group by run_id, address
