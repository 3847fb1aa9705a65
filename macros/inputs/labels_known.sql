{#
    Condition on a label: reported by a UTC time, or at an unknown one, and not
    taken back by then. At the end of the data (is_data_end) a label that has
    been taken back since does not count either: it must not train or test a
    model any more.
#}
{% macro is_label_known(labels, known_at, is_data_end) -%}
    coalesce({{ labels }}.reported_at <= {{ known_at }}, true)
    and coalesce({{ labels }}.valid_to > {{ known_at }}, true)
    and (
        not {{ is_data_end }}
        or coalesce({{ labels }}.valid_to > {{ now_utc() }}, true)
    )
{%- endmacro %}

{#
    Condition on a label: it stands now, says that an address is a scam to train
    on, and was reported after the data end. Reviews count where models train on
    them.
#}
{% macro is_late_scam(labels, data_end) -%}
    coalesce({{ labels }}.reported_at > {{ data_end }}, false)
    and {{ labels }}.label_kind = 'scam'
    and {{ labels }}.usage = 'training'
    and coalesce({{ labels }}.valid_to > {{ now_utc() }}, true)
    {%- if not setting('train_on_reviews') %}
    and {{ is_not_of_reviews(labels ~ '.source') }}
    {%- endif %}
{%- endmacro %}
