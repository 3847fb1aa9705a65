{#
    Query for the scores of earlier runs that nothing asks about while the
    features stay: made by the champion and below every threshold of a tier, with
    address and features_fingerprint. None where reading all inputs costs nothing,
    and before the first score.
#}
{% macro quiet_scores() %}{{ return(adapter.dispatch('quiet_scores')()) }}{% endmacro %}

{% macro duckdb__quiet_scores() %}{{ return(none) }}{% endmacro %}

{% macro bigquery__quiet_scores() %}
    {%- set raw_scores = built_relation('scam_raw_scores') -%}
    {%- if not raw_scores -%}{{ return(none) }}{%- endif -%}
    {%- set query -%}
    select
        raw_scores.address,
        raw_scores.features_fingerprint
    from {{ raw_scores }} as raw_scores
    inner join {{ ref('int_scam_serving__champion') }} as champion
        on raw_scores.run_id = champion.run_id
    cross join (
        select min(policies.threshold_score) as lowest_threshold
        from {{ ref('int_scam_evaluation__policies') }} as policies
        inner join {{ ref('int_scam_serving__champion') }} as champion
            on
                policies.run_id = champion.run_id
                and policies.fit_name = champion.fit_name
                and policies.model_name = champion.model_name
                and policies.feature_set = champion.feature_set
        where policies.policy_name in ('clean_queue', 'wide_net')
    ) as thresholds
    where
        raw_scores.score < thresholds.lowest_threshold
        or thresholds.lowest_threshold is null
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
