{#
    Stops a run that decides the champion, and does not train, where
    champion_run_id names no run that can score. Otherwise every score would be
    gone, and the queue empty. A build that trains may be about to train the
    run. There a data test checks it afterwards.
#}
{% macro require_pinned_run() %}
    {%- set pinned_run_id = setting('champion_run_id') -%}
    {%- if pinned_run_id and execute and flags.WHICH in ('build', 'run') -%}
        {%- set models = graph.nodes.values()
            | selectattr('name', 'equalto', 'scam_models') | first -%}
        {%- set promotions = graph.nodes.values()
            | selectattr('name', 'equalto', 'int_scam_serving__champion') | first -%}
        {%- set says_who = promotions.unique_id in selected_resources -%}
        {%- set trains = models.unique_id in selected_resources -%}
        {%- set relation = adapter.get_relation(
            models.database, models.schema, models.alias
        ) -%}
        {%- if relation is not none and says_who and not trains -%}
            {%- set runs = runs_that_can_score(relation) -%}
            {%- if pinned_run_id not in runs -%}
                {%- do exceptions.raise_compiler_error(
                    "champion_run_id is " ~ pinned_run_id ~ ", which is not a"
                    ~ " run that can score. Runs that can, the newest first: "
                    ~ (runs | join(', ') or 'none') ~ "."
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# run_id of the runs with a lifetime model to score with, the newest first. #}
{% macro runs_that_can_score(scam_models) %}
    {%- set query -%}
        select run_id
        from {{ scam_models }} as scam_models
        where
            fit_name = 'lifetime'
            and {{ is_champion_kind('scam_models') }}
        group by run_id
        order by max(trained_at) desc, run_id desc
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}
