{%- set features = profile_description_features() %}

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

sized as (

    select
        *,
        cast(addresses as {{ type_double() }}) / population_addresses
            as address_share
    from comparisons

)

select
    sized.run_id,
    sized.cluster,
    names.profile,
    rules.rule_name,
    matches.previous_run_id,
    matches.previous_cluster,
    previous_names.profile as previous_profile,
    concat(
        'Typically holds ',
        {{ number_text('sized.median_ether_balance', '%.4g') }},
        ' ETH (all profiled addresses: ',
        {{ number_text('sized.population_median_ether_balance', '%.4g') }},
        '), moved ',
        {{ number_text('sized.median_unique_tokens', '%.4g') }},
        ' tokens (',
        {{ number_text('sized.population_median_unique_tokens', '%.4g') }},
        ') in ',
        {{ number_text('sized.median_unique_transfers', '%.4g') }},
        ' transfers (',
        {{ number_text('sized.population_median_unique_transfers', '%.4g') }},
        ') and took part in ',
        {{ number_text('sized.median_transactions', '%.4g') }},
        ' transactions (',
        {{ number_text('sized.population_median_transactions', '%.4g') }},
        ') within ',
        {{ number_text('sized.median_active_days', '%.4g') }},
        ' days (',
        {{ number_text('sized.population_median_active_days', '%.4g') }},
        ').'
    ) as description,
    sized.first_defining_feature,
    sized.second_defining_feature,
    sized.third_defining_feature,
    selected_models.recipe,
    selected_models.algorithm,
    selected_models.selection_reason,

    sized.addresses,
    sized.address_share,
    previous_sizes.addresses as previous_addresses,
    sized.address_share - previous_sizes.address_share as address_share_change,
    matches.overlap as previous_overlap,
    {%- for feature in features %}
    sized.lower_quartile_{{ feature }},
    sized.median_{{ feature }},
    sized.upper_quartile_{{ feature }},
    sized.population_median_{{ feature }},
    {%- endfor %}
    selected_models.clusters,
    selected_models.silhouette,
    selected_models.reference_silhouette,
    selected_models.stability,

    previous_names.profile is null as is_new,
    coalesce(names.profile <> previous_names.profile, false) as is_name_changed,
    selected_models.is_bar_met,
    coalesce(selected_models.recency = 1, false) as is_selected_run
from sized
inner join names
    on sized.run_id = names.run_id and sized.cluster = names.cluster
inner join rules
    on sized.run_id = rules.run_id and sized.cluster = rules.cluster
left join selected_models on sized.run_id = selected_models.run_id
left join matches
    on sized.run_id = matches.run_id and sized.cluster = matches.cluster
left join names as previous_names
    on
        matches.previous_run_id = previous_names.run_id
        and matches.previous_cluster = previous_names.cluster
left join sized as previous_sizes
    on
        matches.previous_run_id = previous_sizes.run_id
        and matches.previous_cluster = previous_sizes.cluster
