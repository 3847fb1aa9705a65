-- One row per feature: the catalogue, and the median of the population where a reason compares with it.
select
    features.*,
    medians.median_value
from {marts}.features as features
left join {intermediate}.int_scam_serving__feature_medians as medians
    on features.feature_name = medians.feature_name
order by features.feature_number
