{{ config(tags=['train']) }}

with

views as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

training_examples as (

    select * from {{ ref('int_scam_training__examples') }}

),

features as (

    select * from {{ ref('address_window_features') }}

),

exposures as (

    select * from {{ ref('int_scam_training__proximities') }}

),

splits as (

    select * from {{ ref('int_scam_training__splits') }}

),

-- Of the fit that scores addresses all of them: what can become champion has
-- for each a model that has not seen it, and thresholds are chosen on these.
validation as (

    select
        views.view,
        views.cutoff,
        views.cutoff_at,
        views.fit_name,
        'validation' as split,
        training_examples.address,
        training_examples.window_name,
        training_examples.is_scam
    from views
    inner join training_examples on views.fit_name = training_examples.fit_name
    where
        training_examples.split = 'validation'
        or views.view = 'lifetime'

),

-- The external view asks for the listed addresses among the unlabelled ones
-- of the random test split, at the share they have there. Elsewhere a listed
-- address is neither a scam nor not a scam.
test as (

    select
        views.view,
        views.cutoff,
        views.cutoff_at,
        views.fit_name,
        'test' as split,
        features.address,
        features.window_name,
        case
            when views.view = 'external' then splits.is_external_scam
            else features.is_scam
        end as is_scam
    from views
    inner join features on views.test_window_name = features.window_name
    inner join splits on features.address = splits.address
    where
        (views.fit_name <> 'random' or splits.split = 'test')
        {% if var('negatives') == 'labelled' -%}
        and (
            features.is_scam
            or features.is_benign
            or (views.view = 'external' and splits.is_external_scam)
        )
        {% endif -%}
        and case
            when splits.is_external_scam then views.view = 'external'
            when splits.is_on_external_list then false
            else views.view <> 'external' or not features.is_scam
        end

),

examples as (

    select * from validation
    union all
    select * from test

)

select
    examples.view,
    examples.cutoff,
    examples.split,
    examples.address,
    {% for feature in dictionary_features() + behaviour_features() -%}
    features.{{ feature }},
    {% endfor -%}
    {% for feature in exposure_features() -%}
    coalesce(exposures.{{ feature }}, 0) as {{ feature }},
    {% endfor -%}
    examples.is_scam,
    splits.address_fifth,
    coalesce(splits.first_event_at >= examples.cutoff_at, false)
        as is_first_seen_after_cutoff
from examples
inner join features
    on
        examples.address = features.address
        and examples.window_name = features.window_name
inner join splits on examples.address = splits.address
left join exposures
    on
        examples.fit_name = exposures.fit_name
        and examples.window_name = exposures.window_name
        and examples.address = exposures.address
