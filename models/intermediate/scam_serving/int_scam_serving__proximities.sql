{#- A run that trains has just stored them. -#}
-- depends_on: {{ ref('int_scam_training__proximities') }}
-- depends_on: {{ ref('int_scam_training__stored_proximities') }}
{%- set stored = 'int_scam_training__stored_proximities' %}
{%- set is_stored = 'model.' ~ project_name ~ '.' ~ stored
    in selected_resources %}

with

proximities as (

    select * from
        {{ ref(stored if is_stored else 'int_scam_training__proximities') }}

)

-- What the newest training knows of scams, whichever run scores.
select *
from proximities
where fit_name = 'lifetime' and window_name = 'lifetime'
