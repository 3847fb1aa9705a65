{#
    Query for the stored scores of evaluations, repeated for each subset of the
    examples: a table of it would store every score several times. A set is what
    one model did on one subset of one evaluation.
#}
{% macro scored_examples() %}
    {%- set headlines = headline_evaluations() %}
    select
        {{ set_id('scores', 'subsets.subset') }} as set_id,
        scores.*,
        subsets.subset
    from (
        select
            *,
            {{ value_band('value_received_wei') }} as value_band
        from {{ ref('scam_evaluation_scores') }}
    ) as scores
    inner join (
        {%- for subset in [
            'all', 'first_seen_after_cutoff', 'at_least_3_events',
            'at_least_5_events',
        ] + value_bands() %}
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
            or (
                subsets.subset = 'at_least_3_events'
                and scores.event_count >= 3
                and scores.evaluation in ({{ headlines }})
                -- Its queue has a least number of events already.
                and scores.evaluation <> 'lead_time'
            )
            or (
                subsets.subset = 'at_least_5_events'
                and scores.event_count >= 5
                and scores.evaluation in ({{ headlines }})
            )
            -- A queue of one month is too small to be cut into bands. Nor are
            -- the feature sets compared there that only differ in time.
            or (
                subsets.subset = scores.value_band
                and scores.evaluation in ({{ headlines }})
                and scores.evaluation <> 'lead_time'
                and scores.feature_set
                not in ('dictionary', 'without_absolute_time')
            )
{% endmacro %}

{#
    The evaluations that stand side by side, as a list for SQL: the scores you
    work with, a time that training did not see, and reports of later days.
#}
{% macro headline_evaluations() -%}
    'deployed', 'future', 'lead_time'
{%- endmacro %}

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
