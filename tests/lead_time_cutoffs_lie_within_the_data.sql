-- Each time you list in lead_time_cutoffs lies after the first day of the data
-- and not after its last transaction. Elsewhere there is nothing to train on,
-- or a day that the data do not reach.
{%- set wanted = setting('lead_time_cutoffs') %}

with

cutoffs as (

    select cutoff_at from {{ ref('int_features__lead_time_cutoffs') }}

),

wanted_cutoffs as (
    {%- if wanted is not integer %}
    {% for time in wanted %}
    select {{ timestamp_literal(time | string) }} as cutoff_at
    union all
    {%- endfor %}
    {%- endif %}
    select cutoff_at from cutoffs
    where false

)

select wanted_cutoffs.cutoff_at
from wanted_cutoffs
left join cutoffs on wanted_cutoffs.cutoff_at = cutoffs.cutoff_at
where cutoffs.cutoff_at is null
