{#
    What every var of dbt_project.yml may be. A text has a pattern, because it
    becomes part of a query.
#}
{% macro var_rules() %}
    {%- set project = '([a-z0-9.-]+:)?[a-z][a-z0-9-]*' -%}
    {%- set table = '[A-Za-z0-9_]+[.][A-Za-z0-9_-]+' -%}
    {{ return({
        'history_start': {'kind': 'time'},
        'incremental_loads': {'kind': 'boolean', 'may_be_null': true},
        'late_block_days': {'kind': 'integer', 'lowest': 0, 'highest': 1000},
        'days_per_load': {
            'kind': 'integer', 'lowest': 1, 'highest': 4000,
            'may_be_null': true,
        },
        'development_days': {'kind': 'integer', 'lowest': 1, 'highest': 4000},
        'time_cutoff': {'kind': 'time', 'may_be_null': true},
        'rolling_cutoff_percents': {'kind': 'percents'},
        'lead_time_cutoffs': {
            'kind': 'times_or_number', 'lowest': 0, 'highest': 60
        },
        'negatives': {'kind': 'choice', 'choices': ['unlabelled', 'labelled']},
        'least_events': {'kind': 'integer', 'lowest': 1, 'highest': 1000},
        'train_on_reviews': {'kind': 'boolean'},
        'unlabelled_sample_percent': {
            'kind': 'number', 'lowest': 0.01, 'highest': 100
        },
        'min_ether_balance': {
            'kind': 'number', 'lowest': 0, 'highest': 200000000
        },
        'profile_sample_size': {
            'kind': 'integer', 'lowest': 10, 'highest': 1000000,
            'may_be_null': true,
        },
        'max_rejected_share': {'kind': 'number', 'lowest': 0, 'highest': 1},
        'max_data_age_days': {
            'kind': 'integer', 'lowest': 0, 'highest': 100000,
            'may_be_null': true,
        },
        'search': {'kind': 'choice', 'choices': ['quick', 'full']},
        'champion_run_id': {
            'kind': 'text', 'may_be_null': true,
            'pattern': '[A-Za-z0-9_-]+',
            'allowed': 'a run_id of scam_models in quotes',
        },
        'max_scored_addresses': {
            'kind': 'integer', 'lowest': 1, 'highest': 1000000000
        },
        'bootstrap_replicates': {
            'kind': 'integer', 'lowest': 1, 'highest': 10000
        },
        'alert_budget': {'kind': 'integer', 'lowest': 1, 'highest': 1000000000},
        'alert_on_contracts': {'kind': 'boolean'},
        'alerts_with_evidence': {
            'kind': 'integer', 'lowest': 0, 'highest': 1000000000
        },
        'max_alerts': {'kind': 'integer', 'lowest': 0, 'highest': 1000000000},
        'bigquery_chain_source': {
            'kind': 'choice', 'choices': ['public', 'sample']
        },
        'label_table': {
            'kind': 'text', 'may_be_null': true,
            'pattern': project ~ '[.]' ~ table ~ '|[A-Za-z_][A-Za-z0-9_]*',
            'allowed': 'project.dataset.table or the name of a CSV in seeds/',
        },
        'review_table': {
            'kind': 'text', 'may_be_null': true,
            'pattern': project ~ '[.]' ~ table,
            'allowed': 'project.dataset.table',
        },
        'graph_on_bigquery': {'kind': 'boolean'},
    }) }}
{% endmacro %}

{#
    Value of a var. Models and macros read vars with it, because dbt renders
    them before any hook runs: so a value that is not allowed ends in the
    message of check_vars() wherever it is met first.
#}
{% macro setting(name) %}
    {%- set value = var(name) -%}
    {%- if not is_allowed(var_rules()[name], value) -%}
        {%- do check_vars() -%}
    {%- endif -%}
    {{ return(value) }}
{% endmacro %}

{# Stops with all vars that are misspelt or have a value that is not allowed. #}
{% macro check_vars() %}
    {%- set rules = var_rules() -%}
    {%- set problems = [] -%}
    {%- for name, rule in rules.items() -%}
        {%- set value = var(name) -%}
        {%- if not is_allowed(rule, value) -%}
            {%- do problems.append(
                name ~ " is " ~ shown_value(value) ~ ". Allowed: "
                ~ allowed_values(rule) ~ "."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in given_vars() -%}
        {%- if name not in rules -%}
            {%- set meant = closest_var(name | string) -%}
            {%- do problems.append(
                name ~ " is not a var of this project. " ~ (
                    "Did you mean " ~ meant ~ "?" if meant
                    else "Its vars: " ~ rules | join(', ') ~ "."
                )
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not problems -%}
        {%- do problems.extend(contradicting_vars()) -%}
    {%- endif -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(
            "Vars to correct:\n- " ~ problems | join('\n- ') ~ "\nYou set vars"
            ~ " with --vars '{name: value}', make with VARS='{name: value}', or"
            ~ " in dbt_project.yml, which explains each of them."
        ) -%}
    {%- endif -%}
{% endmacro %}

{# Names of the vars in dbt_project.yml and of those in --vars. var() knows the
   file only as part of the projects it looks in, the own one first. #}
{% macro given_vars() %}
    {%- set project = var.packages_for_node() | first -%}
    {%- set names = project.vars.to_dict().keys() | list -%}
    {%- for name in invocation_args_dict.get('vars', {})
        if name not in names -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{# What is wrong with vars that are allowed one by one. #}
{% macro contradicting_vars() %}
    {%- set problems = [] -%}
    {%- if loads_incrementally() and var('days_per_load') is not none
        and var('days_per_load') < var('late_block_days') + 2 -%}
        {%- do problems.append(
            "days_per_load (" ~ var('days_per_load') ~ ") must be at least 2"
            ~ " more than late_block_days (" ~ var('late_block_days')
            ~ "): a load would never reach a new day."
        ) -%}
    {%- endif -%}
    {%- set percents = var('rolling_cutoff_percents') -%}
    {%- if var('time_cutoff') is none and percents and percents[-1] >= 80 -%}
        {%- do problems.append(
            "rolling_cutoff_percents is " ~ percents ~ ". Without a time_cutoff"
            ~ " it must stay below 80, where the evaluation future begins."
        ) -%}
    {%- endif -%}
    {{ return(problems) }}
{% endmacro %}

{# Whether a var may have this value. YAML's true is not a number. #}
{% macro is_allowed(rule, value) %}
    {%- if value is none -%}
        {{ return(rule.get('may_be_null', false)) }}
    {%- elif rule.kind == 'boolean' -%}
        {{ return(value is boolean) }}
    {%- elif rule.kind == 'choice' -%}
        {{ return(value is string and value in rule.choices) }}
    {%- elif rule.kind == 'integer' -%}
        {{ return(
            value is integer and rule.lowest <= value <= rule.highest
        ) }}
    {%- elif rule.kind == 'number' -%}
        {{ return(
            (value is integer or value is float)
            and rule.lowest <= value <= rule.highest
        ) }}
    {%- elif rule.kind == 'percents' -%}
        {{ return(is_ascending_percents(value)) }}
    {%- elif rule.kind == 'times_or_number' -%}
        {{ return(
            rule.lowest <= value <= rule.highest if value is integer
            else is_list_of_times(value)
        ) }}
    {%- elif rule.kind == 'time' -%}
        {{ return(is_utc_time(value | string)) }}
    {%- endif -%}
    {{ return(
        value is string
        and modules.re.fullmatch(rule.pattern, value) is not none
    ) }}
{% endmacro %}

{# Whether it is a list of integers from 1 to 99, each larger than the last. #}
{% macro is_ascending_percents(value) %}
    {%- if value is string or value is mapping or value is not sequence -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set lowest = namespace(allowed=1) -%}
    {%- for percent in value -%}
        {%- if not (percent is integer and lowest.allowed <= percent <= 99) -%}
            {{ return(false) }}
        {%- endif -%}
        {%- set lowest.allowed = percent + 1 -%}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}

{# Whether a text is a UTC time from the first block on. YAML without quotes
   gives a date, whose text it is. #}
{% macro is_utc_time(text) %}
    {%- set match = modules.re.fullmatch(
        '([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
        ~ '([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?',
        text
    ) -%}
    {%- if match is none or not '2015-07-30' <= text[:10] <= '2099-12-31' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = match[1] | int, match[2] | int, match[3] | int -%}
    {%- set date = modules.datetime.date(year, month, 1)
        + modules.datetime.timedelta(days=day - 1) -%}
    {{ return(date.month == month) }}
{% endmacro %}

{# Whether it is a list of different UTC times. #}
{% macro is_list_of_times(value) %}
    {%- if value is string or value is mapping or value is not sequence -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set times = [] -%}
    {%- for time in value -%}
        {%- if not is_utc_time(time | string) -%}{{ return(false) }}{%- endif -%}
        {%- do times.append((time | string ~ ' 00:00:00')[:19] | replace('T', ' ')) -%}
    {%- endfor -%}
    {{ return(times | unique | list | length == times | length) }}
{% endmacro %}

{# What a var may be, in words. #}
{% macro allowed_values(rule) %}
    {%- set words = {
        'boolean': 'true or false, without quotes',
        'choice': rule.get('choices', []) | join(' or '),
        'integer': 'a whole number from ' ~ rule.lowest ~ ' to '
            ~ rule.highest ~ ', without quotes',
        'number': 'a number from ' ~ rule.lowest ~ ' to ' ~ rule.highest
            ~ ', without quotes',
        'percents': 'a list of whole numbers from 1 to 99, each larger than the'
            ~ ' one before, such as [50, 65], or []',
        'times_or_number': 'a whole number from ' ~ rule.lowest ~ ' to '
            ~ rule.highest ~ ', or a list of different UTC times such as'
            ~ ' ["2021-06-01", "2021-07-01"]',
        'time': 'a UTC time "YYYY-MM-DD HH:MM:SS" or "YYYY-MM-DD" from'
            ~ ' 2015-07-30 to 2099-12-31',
        'text': rule.allowed,
    }[rule.kind] -%}
    {{ return(
        words ~ (', or null' if rule.get('may_be_null', false) else '')
    ) }}
{% endmacro %}

{# A value as you would write it in YAML, cut off where it is long. #}
{% macro shown_value(value) %}
    {%- if value is none -%}{{ return('null') }}{%- endif -%}
    {%- set text = value | string -%}
    {%- if value is boolean -%}
        {%- set text = text | lower -%}
    {%- elif value is string -%}
        {%- set text = tojson(value) -%}
    {%- endif -%}
    {{ return(text if text | length <= 80 else text[:80] ~ '…') }}
{% endmacro %}

{# The var that shares most pairs of letters with a name. None where fewer than
   two fifths are shared. #}
{% macro closest_var(name) %}
    {%- set best = namespace(name=none, likeness=0) -%}
    {%- set pairs = letter_pairs(name) -%}
    {%- for known_name in var_rules() -%}
        {%- set known_pairs = letter_pairs(known_name) -%}
        {%- set shared = pairs | select('in', known_pairs) | list | length -%}
        {%- set likeness = 2 * shared
            / (pairs | length + known_pairs | length) -%}
        {%- if likeness >= 0.4 and likeness > best.likeness -%}
            {%- set best.name = known_name -%}
            {%- set best.likeness = likeness -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(best.name) }}
{% endmacro %}

{# "cuts" as cu, ut, ts. #}
{% macro letter_pairs(text) %}
    {%- set pairs = [] -%}
    {%- for position in range([text | length, 100] | min - 1) -%}
        {%- do pairs.append(text[position:position + 2] | lower) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{% endmacro %}
