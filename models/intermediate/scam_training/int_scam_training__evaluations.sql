{#-
    One entry an evaluation. cutoffs: once for the main cutoff, once for each
    rolling one, or none. fit: its name; fits with a cutoff are called like
    their training window. train, test: windows; past is that of the cutoff,
    next_past that of the next one. addresses: training (those the fit was
    trained on, each scored by the model that was fitted without it), test_fifth
    (those the fit random never saw), all, or unreported (those the queue of the
    cutoff could hold). positives: scam, external_scam for lists that never
    train, or later_report. parameters: search, or those that the search of the
    fit past found.
-#}
{%- set searched = {'parameters': 'search'} %}
{%- set designs = [
    {
        'evaluation': 'deployed', 'cutoffs': 'none', 'fit': 'lifetime',
        'train': 'lifetime', 'test': 'lifetime',
        'addresses': 'training', 'positives': 'scam',
    },
    {
        'evaluation': 'external', 'cutoffs': 'none', 'fit': 'lifetime',
        'train': 'lifetime', 'test': 'lifetime',
        'addresses': 'all', 'positives': 'external_scam',
    },
    {
        'evaluation': 'validation', 'cutoffs': 'none', 'fit': 'random',
        'train': 'lifetime', 'test': 'lifetime',
        'addresses': 'training', 'positives': 'scam',
    },
    {
        'evaluation': 'random', 'cutoffs': 'none', 'fit': 'random',
        'train': 'lifetime', 'test': 'lifetime',
        'addresses': 'test_fifth', 'positives': 'scam',
    },
    {
        'evaluation': 'validation', 'cutoffs': 'main', 'fit': 'past',
        'train': 'past', 'test': 'past',
        'addresses': 'training', 'positives': 'scam',
    },
    {
        'evaluation': 'future', 'cutoffs': 'main', 'fit': 'past',
        'train': 'past', 'test': 'future',
        'addresses': 'all', 'positives': 'scam',
    },
    {
        'evaluation': 'to_date', 'cutoffs': 'main', 'fit': 'past',
        'train': 'past', 'test': 'lifetime',
        'addresses': 'all', 'positives': 'scam',
    },
    {
        'evaluation': 'validation', 'cutoffs': 'rolling', 'fit': 'past',
        'train': 'past', 'test': 'past',
        'addresses': 'training', 'positives': 'scam',
    },
    {
        'evaluation': 'rolling', 'cutoffs': 'rolling', 'fit': 'past',
        'train': 'past', 'test': 'next_past',
        'addresses': 'all', 'positives': 'scam',
    },
    {
        'evaluation': 'lead_time', 'cutoffs': 'lead_time', 'fit': 'past',
        'train': 'past', 'test': 'past',
        'addresses': 'unreported', 'positives': 'later_report',
        'parameters': 'past',
    },
] %}

with

windows as (

    select * from {{ ref('int_features__windows') }}

),

cutoffs as (

    select
        cutoff_kind,
        window_name,
        next_window_name,
        cutoff_at
    from {{ ref('int_features__cutoffs') }}

    union all

    select
        'lead_time' as cutoff_kind,
        window_name,
        cast(null as {{ dbt.type_string() }}) as next_window_name,
        cutoff_at
    from {{ ref('int_features__lead_time_cutoffs') }}

),

designs as (
    {% for design in designs %}
    select
        {% for name, value in dict(searched, **design).items() -%}
        '{{ value }}' as {{ name }},
        {% endfor -%}
        {{ loop.index }} as design_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

cutoff_designs as (

    select
        designs.*,
        cutoffs.window_name as past_window_name,
        cutoffs.next_window_name,
        cutoffs.cutoff_at
    from designs
    left join cutoffs on designs.cutoffs = cutoffs.cutoff_kind
    where designs.cutoffs = 'none' or cutoffs.cutoff_at is not null

),

named_designs as (

    select
        evaluation,
        case when fit = 'past' then past_window_name else fit end as fit_name,
        case when train = 'past' then past_window_name else train end
            as train_window_name,
        case
            when test = 'past' then past_window_name
            when test = 'next_past' then next_window_name
            else test
        end as test_window_name,
        addresses as tested_addresses,
        positives as positive_labels,
        parameters as parameters_from,
        cutoff_at
    from cutoff_designs

),

data_end as (

    select window_end as data_end_at from windows
    where window_name = 'lifetime'

)

-- A model may train on what was known when its window ended. Its test takes all
-- that was known at the end of the data, except where the test is made of
-- training addresses. Later reports count whenever they came.
select
    named_designs.evaluation,
    named_designs.fit_name,
    named_designs.train_window_name,
    named_designs.test_window_name,
    named_designs.tested_addresses,
    named_designs.positive_labels,
    '{{ setting("negatives") }}' as negative_labels,
    named_designs.parameters_from,

    named_designs.cutoff_at,
    windows.window_end as train_labels_known_at,
    case
        when named_designs.tested_addresses = 'training'
            then windows.window_end
        when named_designs.positive_labels <> 'later_report'
            then data_end.data_end_at
    end as test_labels_known_at
from named_designs
inner join windows on named_designs.train_window_name = windows.window_name
cross join data_end
