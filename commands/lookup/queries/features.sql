select
    feature_name,
    feature_family,
    unit,
    description,
    median_value
from {lookup_feature_medians}
order by feature_number
