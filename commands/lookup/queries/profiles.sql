select
    run_id,
    cluster,
    profile,
    description,
    addresses,
    address_share,
    address_share_change,
    previous_profile,
    is_new,
    is_name_changed,
    first_defining_feature,
    second_defining_feature,
    third_defining_feature,
    median_ether_balance,
    median_unique_tokens,
    median_unique_transfers,
    recipe,
    algorithm,
    silhouette,
    shuffled_silhouette,
    stability,
    is_bar_met
from {marts}.investor_profile_summaries
where is_selected_run
order by addresses desc, cluster
