{#- view, the fit it judges, the windows it trains and tests on, the cutoff. -#}
{%- set views = [
    ('random', 'random', 'lifetime', 'lifetime', none),
    ('external', 'random', 'lifetime', 'lifetime', none),
    ('lifetime', 'lifetime', 'lifetime', none, none),
    ('time', 'time', 'past', 'future', 'main'),
    ('time_to_date', 'time', 'past', 'to_date', 'main'),
] %}
{%- for percent in var('rolling_cutoff_percents') or [] %}
{%- set name = 'rolling_' ~ percent %}
{%- do views.append(
    ('rolling', name, 'past_' ~ name, 'to_date_' ~ name, name)
) %}
{%- endfor %}
{%- set text = dbt.type_string() %}

with

windows as (

    select * from {{ ref('int_features__windows') }}

),

cutoffs as (

    select * from {{ ref('int_features__cutoffs') }}

),

views as (
    {% for view, fit, train_window, test_window, cutoff in views %}
    {%- set test_literal = quoted(test_window) if test_window else 'null' %}
    {%- set cutoff_literal = quoted(cutoff) if cutoff else 'null' %}
    {{- 'union all' if not loop.first }}

    select
        '{{ view }}' as view_name,
        '{{ fit }}' as fit_name,
        '{{ train_window }}' as train_window_name,
        cast({{ test_literal }} as {{ text }}) as test_window_name,
        cast({{ cutoff_literal }} as {{ text }}) as cutoff_name
    {% endfor %}
)

select
    views.view_name as view,
    coalesce({{ timestamp_text('cutoffs.cutoff_at') }}, 'none') as cutoff,
    views.fit_name,
    views.train_window_name,
    views.test_window_name,
    cutoffs.cutoff_at
from views
inner join windows on views.train_window_name = windows.window_name
left join cutoffs on views.cutoff_name = cutoffs.cutoff_name
