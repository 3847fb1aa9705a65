-- One row: what this copy is of.
select
    $copy_version as copy_version,
    $copy_id as copy_id,
    cast($published_at as timestamp) as published_at,
    (
        select max(data_end_at) from {intermediate}.int_features__window_extents
        where window_name = 'lifetime'
    ) as data_through,
    (select max(run_id) from {intermediate}.int_scam_serving__champion) as run_id,
    (
        select max(model_name) from {intermediate}.int_scam_serving__champion
    ) as model_name,
    (
        select max(feature_set) from {intermediate}.int_scam_serving__champion
    ) as feature_set,
    (
        select max(run_id) from {marts}.investor_profile_summaries
        where is_selected_run
    ) as profile_run_id,
    (select count(*) from {marts}.addresses) as addresses,
    (
        select count(*) > 0 from {marts}.address_labels
        where starts_with(source, 'simulated_')
    )
    or (
        select count(*) > 0 from {marts}.input_files
        where starts_with(file_name, 'seeds/sample/')
    ) as is_simulated
