{# A reading of one text column, computed for the rows that are asked for. #}
{{ config(materialized='view') }}

with

raw_scores as (

    select * from {{ ref('scam_raw_scores') }}

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

-- Amounts are in wei.
sentences as (

    select
        run_id,
        address,
        position,
        concat(
            feature_name,
            ' ',
            case
                when feature_value is null then 'unknown'
                when feature_name like '%amount%'
                    then concat(
                        {{ number_text('feature_value / 1e18', '%.4g') }},
                        ' ETH'
                    )
                when abs(feature_value) >= 1000
                    then {{ number_text('feature_value', '%.0f') }}
                else {{ number_text('feature_value', '%.4g') }}
            end,
            case when contribution > 0 then ' raises' else ' lowers' end,
            ' the risk'
        ) as sentence
    from items
    where
        contribution <> 0
        and feature_name not in ('other_features', 'bias')

)

select
    run_id,
    address,
    string_agg(sentence, '; ' order by position) as reasons
from sentences
group by run_id, address
