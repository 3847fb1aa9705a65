with

features as (

    select * from {{ ref('int_features__stored_features') }}

),

extents as (

    select * from {{ ref('int_features__window_extents') }}

)

select
    features.window_name,
    features.address,
    {% for feature in window_features() -%}
    {% if feature == 'recency' -%}
    -- The data grow without the address doing anything.
    cast(
        {{ epoch_seconds('extents.data_end_at') }}
        - {{ epoch_seconds('features.last_event_at') }} as {{ type_double() }}
    ) as recency,
    {%- else -%}
    features.{{ feature }},
    {%- endif %}
    {% endfor -%}
    features.first_event_at,
    features.last_event_at
from features
inner join extents on features.window_name = extents.window_name
