{#- A feature stands out if it multiplies the odds by 1.16 or more (e^0.15). -#}
{%- set least_contribution = 0.15 %}
{#- A value that is not half the median away from it is like it. -#}
{%- set least_difference = 0.5 %}

with

explanations as (

    select explanations.*
    from {{ ref('scam_explanations') }} as explanations
    inner join {{ ref('int_scam_serving__champion') }} as champion
        on explanations.run_id = champion.run_id

),

catalogue as (

    select * from {{ ref('int_features__catalogue') }}
    where reason_topic is not null

),

medians as (

    select * from {{ ref('int_scam_serving__feature_medians') }}

),

-- An address that never sent has nothing to say about its recipients.
address_sides as (

    select
        address,
        max(
            case when feature_name = 'in_degree' then feature_value end
        ) > 0 as has_incoming,
        max(
            case when feature_name = 'out_degree' then feature_value end
        ) > 0 as has_outgoing
    from explanations
    group by address

),

worded_values as (

    select
        explanations.address,
        explanations.feature_name,
        explanations.feature_value,
        explanations.contribution,
        medians.median_value,
        catalogue.reason_topic,
        catalogue.phrase,
        catalogue.zero_phrase,
        case
            when explanations.feature_value = 1
                then coalesce(catalogue.singular, '')
            else coalesce(catalogue.plural, '')
        end as noun,
        {{ reason_value_text('explanations.feature_value', 'catalogue.unit') }}
            as value_text,
        {{ reason_value_text('medians.median_value', 'catalogue.unit') }}
            as median_text
    from explanations
    inner join catalogue on explanations.feature_name = catalogue.feature_name
    inner join address_sides on explanations.address = address_sides.address
    left join medians on explanations.feature_name = medians.feature_name
    where
        explanations.contribution >= {{ least_contribution }}
        and explanations.feature_value is not null
        and case coalesce(catalogue.reason_side, 'any')
            when 'incoming' then address_sides.has_incoming
            when 'outgoing' then address_sides.has_outgoing
            when 'both'
                then address_sides.has_incoming and address_sides.has_outgoing
            else true
        end
        and coalesce(
            abs(explanations.feature_value - medians.median_value)
            >= {{ least_difference }} * abs(medians.median_value),
            true
        )

),

topic_candidates as (

    select
        *,
        row_number() over (
            partition by address, reason_topic
            order by contribution desc, feature_name asc
        ) as topic_rank
    from worded_values
    where coalesce(value_text <> median_text, true)

)

select
    address,
    feature_name,
    reason_topic,
    phrase,
    zero_phrase,
    noun,
    value_text,
    median_text,
    feature_value,
    median_value,
    contribution,
    row_number() over (
        partition by address
        order by contribution desc, feature_name asc
    ) as reason_rank
from topic_candidates
where topic_rank = 1
