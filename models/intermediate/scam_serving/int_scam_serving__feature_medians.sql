{#- Computed in training: all features of all addresses would be most of what a
    daily run reads. It is of all addresses, not of those that train, because
    benign labels are of whales. -#}
{%- set features = model_features() %}

with

sampled_inputs as (

    select * from {{ ref('int_scam_serving__inputs') }}
    where read_group = 1
    order by {{ dbt.hash('address') }}, address
    -- The sample that drift compares, which is in the read group.
    limit {{ drift_sample_size() }}

),

medians as (

    select
        {% for feature in features -%}
        {{ exact_median('cast(' ~ feature ~ ' as ' ~ type_double() ~ ')') }}
            as {{ feature }},
        {% endfor -%}
        count(*) as addresses
    from sampled_inputs

),

feature_rows as (
    {{ unpivot(features, 'medians') }}
)

select
    feature_name,
    feature_value as median_value
from feature_rows
