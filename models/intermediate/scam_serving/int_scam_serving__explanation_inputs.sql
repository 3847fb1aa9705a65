with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}
    where read_group = 1

),

inputs as (

    select * from {{ ref('int_scam_serving__inputs') }}
    where read_group = 1

),

-- The features of a stale score are gone. As many are explained as get into the
-- queue.
explained_scores as (

    select * from scores
    where risk_tier in ('high', 'medium') and state = 'scored'
    order by scam_probability desc, score desc, address asc
    limit {{ setting('max_alerts') }}

)

select
    inputs.address,
    inputs.features_fingerprint,
    {% for feature in model_features() -%}
    inputs.{{ feature }},
    {% endfor -%}
    inputs.address_fifth,
    inputs.first_event_at,
    row_number() over (
        order by
            explained_scores.scam_probability desc,
            explained_scores.score desc,
            explained_scores.address asc
    ) as explanation_rank
from explained_scores
inner join inputs on explained_scores.address = inputs.address
