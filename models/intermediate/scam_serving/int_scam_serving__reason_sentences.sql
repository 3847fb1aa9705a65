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

)

select
    explained_addresses.run_id,
    explained_addresses.address,
    facts.feature_name,
    case
        when facts.address is null then 'COMBINATION_RAISES_RISK'
        else concat(upper(facts.feature_name), '_RAISES_RISK')
    end as reason_code,
    case
        when facts.address is null
            then
                'No single feature stands out.'
                || ' The combination of them raises the risk'
        else
            concat(upper(substr(facts.fact, 1, 1)), substr(facts.fact, 2))
    end as reason,
    coalesce(facts.reason_rank, 1) as reason_rank,
    facts.feature_value,
    facts.median_value,
    facts.contribution
from explained_addresses
left join facts on explained_addresses.address = facts.address
