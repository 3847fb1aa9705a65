{# A reading of one text column, computed for the rows that are asked for. #}
{{ config(materialized='view') }}

with

raw_scores as (

    select * from {{ ref('scam_raw_scores') }}

),

phrases as (

    select * from {{ ref('int_features__catalogue') }}

),

medians as (

    select * from {{ ref('int_scam_serving__feature_medians') }}

),

items as (
    {% for position in range(3) %}
    select
        run_id,
        address,
        {{ position }} as position,
        {{ json_text('contributions', '$[' ~ position ~ '].feature') }}
            as feature_name,
        cast(
            {{ json_text('contributions', '$[' ~ position ~ '].value') }}
            as {{ type_double() }}
        ) as feature_value,
        cast(
            {{ json_text('contributions', '$[' ~ position ~ '].contribution') }}
            as {{ type_double() }}
        ) as contribution
    from raw_scores
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

worded_items as (

    select
        items.run_id,
        items.address,
        items.position,
        items.feature_name,
        items.feature_value,
        items.contribution,
        phrases.zero_phrase,
        phrases.unknown_phrase,
        case
            when items.feature_value = 1 then coalesce(phrases.singular, '')
            else coalesce(phrases.plural, '')
        end as noun,
        coalesce(phrases.phrase, concat(items.feature_name, ' is {value}'))
            as phrase,
        {{ reason_value_text('items.feature_value', 'phrases.unit') }}
            as value_text,
        {{ reason_value_text('medians.median_value', 'phrases.unit') }}
            as median_text
    from items
    left join phrases on items.feature_name = phrases.feature_name
    left join medians on items.feature_name = medians.feature_name
    where
        items.contribution <> 0
        and items.feature_name not in ('other_features', 'bias')

),

sentences as (

    select
        run_id,
        address,
        position,
        concat(
            upper(feature_name),
            case
                when contribution > 0 then '_RAISES_RISK' else '_LOWERS_RISK'
            end
        ) as reason_code,
        concat(
            case
                when feature_value is null
                    then coalesce(
                        unknown_phrase,
                        replace(phrase, '{value}', 'an unknown number')
                    )
                when feature_value = 0 and zero_phrase is not null
                    then zero_phrase
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
                when median_text = value_text and position = 0
                    then ' (like the population median)'
                when median_text = value_text then ' (like the median)'
                when position = 0
                    then concat(' (population median ', median_text, ')')
                else concat(' (median ', median_text, ')')
            end,
            case
                when contribution < 0 then ', which lowers the risk' else ''
            end
        ) as sentence
    from worded_items

)

select
    run_id,
    address,
    string_agg(reason_code, ', ' order by position) as reason_codes,
    concat(string_agg(sentence, '. ' order by position), '.') as reasons
from sentences
group by run_id, address
