{#
    The one list of features: what each is called, where it is computed, what it
    means, which models may see it and how a reason words it. Everything else
    follows from it: the columns of marts and examples, the mart `features`, the
    feature sets of the scam models and their reasons.

    An entry has name, data_type, unit (see the mart `features`), description
    and phrase. Where it applies it also has when_absent ('NULL' instead of 0
    for an address without such events), model (if it is not the group's),
    is_of_amounts, is_of_absolute_time,
    is_of_others (other addresses change it), refreshed_with_training (where
    days are added, a run computes it for the addresses that changed, and one
    that trains for all), is_of_coverage (it says how complete the transactions
    of its counterparties are, so no model sees it),
    alias_of (the feature with the same values), monotone_direction (1: more of
    it never lowers the risk), min_value and max_value (by default 0, and for
    shares 1), reason_topic (of features with the same one at most one becomes
    a reason; without one it never does), reason_side (incoming, outgoing or
    both: events an address must have for the reason to be one), and the
    wordings zero_phrase, unknown_phrase, singular and plural.
#}
{% macro feature_catalogue() %}
    {%- set groups = [
        ('dictionary', 'stored_features', dictionary_features()),
        ('behaviour', 'address_flows', flow_features()),
        ('behaviour', 'address_amounts', amount_features()),
        ('behaviour', 'address_counterparties', counterparty_features()),
        ('behaviour', 'address_neighbours', neighbour_features()),
        ('behaviour', 'address_first_funders', first_funder_features()),
        ('behaviour', 'address_tokens', token_features()),
        ('behaviour', 'address_lookalikes', lookalike_features()),
        ('behaviour', 'stored_features', activity_features()),
        ('proximity', 'proximities', proximity_features()),
    ] -%}
    {%- set features = [] -%}
    {%- for family, model, entries in groups -%}
        {%- for entry in entries -%}
            {%- set feature = {
                'family': family,
                'model': model,
                'when_absent': '0',
                'is_of_amounts': false,
                'is_of_absolute_time': false,
                'is_of_others': false,
                'refreshed_with_training': false,
                'is_of_coverage': false,
                'alias_of': none,
                'monotone_direction': 0,
                'min_value': 0,
                'max_value': 1 if entry.unit == 'share' else none,
                'reason_topic': none,
                'reason_side': none,
                'zero_phrase': none,
                'unknown_phrase': none,
                'singular': none,
                'plural': none,
            } -%}
            {%- do feature.update(entry) -%}
            {%- do feature.update(description=entry.description.split() | join(' ')) -%}
            {%- do features.append(feature) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(features) }}
{% endmacro %}

{# Names of all features, in the order of the catalogue. #}
{% macro model_features() %}
    {{ return(feature_catalogue() | map(attribute='name') | list) }}
{% endmacro %}

{# Names of those computed in a window, whatever a model knows of scams. #}
{% macro window_features() %}
    {{ return(
        feature_catalogue() | rejectattr('family', 'equalto', 'proximity')
        | map(attribute='name') | list
    ) }}
{% endmacro %}

{# Those in wei, which address_features shows in ETH as well. #}
{% macro wei_features() %}
    {{ return(
        feature_catalogue() | rejectattr('family', 'equalto', 'proximity')
        | selectattr('unit', 'equalto', 'wei') | list
    ) }}
{% endmacro %}

{# Names of those that depend on the scams a fit knows. #}
{% macro fit_features() %}
    {{ return(
        feature_catalogue() | selectattr('family', 'equalto', 'proximity')
        | map(attribute='name') | list
    ) }}
{% endmacro %}

{# Names of those that change only when the address itself acts. #}
{% macro own_features() %}
    {{ return(
        feature_catalogue() | rejectattr('is_of_absolute_time')
        | rejectattr('is_of_others') | map(attribute='name') | list
    ) }}
{% endmacro %}
