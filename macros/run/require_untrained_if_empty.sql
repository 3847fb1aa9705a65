{#
    Stops a run with --empty on a database that was trained or has history: it
    would empty the tables that follow from them, such as the alerts and their
    periods, and end well.
#}
{% macro require_untrained_if_empty() %}
    {%- if execute and flags.WHICH in ('build', 'run') and flags.EMPTY
        and holds_what_a_full_refresh_keeps() -%}
        {%- do exceptions.raise_compiler_error(
            "A run with --empty would empty scores, alerts and promotions here,"
            ~ " where models are trained. " ~ another_database() ~ " for it."
        ) -%}
    {%- endif -%}
{% endmacro %}
