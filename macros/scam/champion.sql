{#
    The kind of model, and the features it sees, that score addresses. Every
    other model of a run is fitted for comparison.
#}
{% macro champion_model_name() %}{{ return('xgboost') }}{% endmacro %}
{% macro champion_feature_set() %}{{ return('all') }}{% endmacro %}

{#
    Condition that a row (of a relation, where several are joined) is of the
    model that may score addresses.
#}
{% macro is_champion_kind(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}model_name = '{{ champion_model_name() }}'
    and {{ prefix }}feature_set = '{{ champion_feature_set() }}'
{%- endmacro %}

{#
    Query for the run trained last, no row before the first training. A hook
    names the relation, because ref() would add lineage.
#}
{% macro newest_run(scam_models=none) -%}
    select
        run_id,
        trained_at
    from {{ ref('scam_models') if scam_models is none else scam_models }}
    group by run_id, trained_at
    order by trained_at desc, run_id desc
    limit 1
{%- endmacro %}
