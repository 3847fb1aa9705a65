with

candidates as (

    select * from {{ ref('int_scam_serving__reason_candidates') }}
    where reason_rank <= 3

),

explained_addresses as (

    select distinct
        explanations.run_id,
        explanations.address
    from {{ ref('scam_explanations') }} as explanations
    inner join {{ ref('int_scam_serving__champion') }} as champion
        on explanations.run_id = champion.run_id

),

facts as (

    select
        *,
        concat(
            case
                when feature_value = 0 and zero_phrase is not null
                    then zero_phrase
                when value_text = '100 %'
                    then replace(phrase, '{value} of', 'all of')
                -- Sent first, received later.
                when feature_value < 0 and phrase like '%{value} after %'
                    then replace(
                        replace(phrase, '{value} after ', '{value} before '),
                        '{value}', replace(value_text, 'minus ', '')
                    )
                else
                    replace(
                        phrase, '{value}', rtrim(concat(value_text, ' ', noun))
                    )
            end,
            case
                when median_text is null then ''
                when reason_rank = 1
                    then concat(' (population median ', median_text, ')')
                else concat(' (median ', median_text, ')')
            end
        ) as fact
    from candidates

),

sentences as (

    select
        address,
        reason_rank,
        concat(upper(feature_name), '_RAISES_RISK') as reason_code,
        concat(upper(substr(fact, 1, 1)), substr(fact, 2)) as sentence
    from facts

),

address_sentences as (

    select
        address,
        string_agg(reason_code, ', ' order by reason_rank) as reason_codes,
        concat(string_agg(sentence, '. ' order by reason_rank), '.') as reasons
    from sentences
    group by address

)

select
    explained_addresses.run_id,
    explained_addresses.address,
    coalesce(address_sentences.reason_codes, 'COMBINATION_RAISES_RISK')
        as reason_codes,
    coalesce(
        address_sentences.reasons,
        'No single feature stands out. The combination of them raises the risk.'
    ) as reasons
from explained_addresses
left join address_sentences
    on explained_addresses.address = address_sentences.address
