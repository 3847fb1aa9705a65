-- The reasons of a score put each feature a model may see into words.
{%- set features = model_features() %}

with

features as (
    {% for feature in features %}
    select '{{ feature }}' as feature_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

phrases as (

    select * from {{ ref('scam_reasons') }}

)

select
    features.feature_name,
    phrases.phrase
from features
left join phrases on features.feature_name = phrases.feature_name
where
    phrases.feature_name is null
    or phrases.phrase not like '%{value}%'
