{%- set features = profile_description_features() %}
{#- What goes before the median of a feature, and its noun. -#}
{%- set amounts = [
    ('Typically holds ', 'ether_balance', 'ETH', 'ETH'),
    ('), moved ', 'unique_tokens', 'token', 'tokens'),
    (') in ', 'unique_transfers', 'transfer', 'transfers'),
    (') and took part in ', 'transactions', 'transaction', 'transactions'),
    (') within ', 'active_days', 'day', 'days'),
] %}

with

comparisons as (

    select * from {{ ref('int_investor_profiles__comparisons') }}

),

rules as (

    select * from {{ ref('int_investor_profiles__rules') }}

),

names as (

    select * from {{ ref('int_investor_profiles__names') }}

),

matches as (

    select * from {{ ref('int_investor_profiles__matches') }}

),

selected_models as (

    select
        *,
        row_number() over (order by trained_at desc, run_id desc) as recency
    from {{ ref('investor_profile_models') }}
    where is_selected

),

shares as (

    select
        *,
        cast(addresses as {{ type_double() }}) / population_addresses
            as address_share
    from comparisons

)

select
    shares.run_id,
    shares.cluster,
    names.profile,
    rules.rule_name,
    matches.previous_run_id,
    matches.previous_cluster,
    previous_names.profile as previous_profile,
    concat(
        {%- for words, feature, one, many in amounts %}
        '{{ words }}',
        {{ plain_number_text('shares.median_' ~ feature) }},
        case
            when shares.median_{{ feature }} = 1 then ' {{ one }} ('
            else ' {{ many }} ('
        end,
        {%- if loop.first %}
        'all profiled addresses: ',
        {%- endif %}
        {{ plain_number_text('shares.population_median_' ~ feature) }},
        {%- endfor %}
        ').'
    ) as description,
    shares.first_defining_feature,
    shares.second_defining_feature,
    shares.third_defining_feature,
    selected_models.recipe,
    selected_models.algorithm,
    selected_models.selection_reason,

    shares.addresses,
    shares.address_share,
    previous_shares.addresses as previous_addresses,
    shares.address_share - previous_shares.address_share
        as address_share_change,
    matches.overlap as previous_overlap,
    {%- for feature in features %}
    shares.lower_quartile_{{ feature }},
    shares.median_{{ feature }},
    shares.upper_quartile_{{ feature }},
    shares.population_median_{{ feature }},
    {%- endfor %}
    selected_models.clusters,
    selected_models.silhouette,
    selected_models.shuffled_silhouette,
    selected_models.reference_silhouette,
    selected_models.stability,

    previous_names.profile is null as is_new,
    coalesce(names.profile <> previous_names.profile, false) as is_name_changed,
    selected_models.is_bar_met,
    coalesce(selected_models.recency = 1, false) as is_selected_run
from shares
inner join names
    on shares.run_id = names.run_id and shares.cluster = names.cluster
inner join rules
    on shares.run_id = rules.run_id and shares.cluster = rules.cluster
left join selected_models on shares.run_id = selected_models.run_id
left join matches
    on shares.run_id = matches.run_id and shares.cluster = matches.cluster
left join names as previous_names
    on
        matches.previous_run_id = previous_names.run_id
        and matches.previous_cluster = previous_names.cluster
left join shares as previous_shares
    on
        matches.previous_run_id = previous_shares.run_id
        and matches.previous_cluster = previous_shares.cluster
