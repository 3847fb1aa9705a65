{#
    Query for the stored scores of evaluations, repeated for each subset of the
    examples: a table of it would store every score several times. A set is what
    one model did on one subset of one evaluation.
#}
{% macro scored_examples() %}
    select
        {{ set_id('scores', 'subsets.subset') }} as set_id,
        scores.*,
        subsets.subset
    from (
        select
            *,
            {{ value_band('value_moved_wei') }} as value_band
        from {{ ref('scam_evaluation_scores') }}
    ) as scores
    inner join (
        {%- for subset in ['all', 'first_seen_after_cutoff'] + value_bands() %}
        select '{{ subset }}' as subset
        {{- ' union all' if not loop.last }}
        {%- endfor %}
    ) as subsets
        on
            subsets.subset = 'all'
            or (
                subsets.subset = 'first_seen_after_cutoff'
                and scores.is_first_seen_after_cutoff
            )
            -- Of the boosted trees after the cutoff only.
            or (
                subsets.subset = scores.value_band
                and scores.evaluation = 'future'
                and scores.model_name = '{{ champion_model_name() }}'
            )
{% endmacro %}

{# Key of a set: MD5 of model, evaluation and subset. #}
{% macro set_id(relation, subset) -%}
    {{ dbt.hash(
        "concat(" ~ relation ~ ".run_id, '|', " ~ relation ~ ".fit_name, '|', "
        ~ relation ~ ".model_name, '|', " ~ relation ~ ".feature_set, '|', "
        ~ relation ~ ".evaluation, '|', " ~ subset ~ ")"
    ) }}
{%- endmacro %}

{# Key of a row of scam_models. #}
{% macro model_id(relation) -%}
    {{ dbt.hash(
        "concat(" ~ relation ~ ".run_id, '|', " ~ relation ~ ".fit_name, '|', "
        ~ relation ~ ".model_name, '|', " ~ relation ~ ".feature_set)"
    ) }}
{%- endmacro %}
