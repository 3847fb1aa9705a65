{%- set changing_features = dictionary_features()
    | reject('in', absolute_time_features()) | list %}

with

features as (

    select * from {{ ref('address_features') }}

)

-- The fingerprint leaves out what moves with the end of the data.
select
    address,
    {{ fingerprint(changing_features) }} as features_fingerprint,
    {% for feature in dictionary_features() -%}
    {{ feature }},
    {% endfor -%}
    {{ address_bucket('address', 1000) }} as address_bucket
from features
