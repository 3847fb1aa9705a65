(
    select
        features.*,
        medians.median_value
    from {marts}.features as features
    left join {intermediate}.int_scam_serving__feature_medians as medians
        on features.feature_name = medians.feature_name
)
