(
    select
        cast(max(windows.data_end_at) as string) as copy_id,
        current_timestamp() as published_at,
        max(windows.data_end_at) as data_through,
        max(champion.run_id) as run_id,
        max(champion.model_name) as model_name,
        max(champion.feature_set) as feature_set,
        (
            select max(run_id) from {marts}.investor_profile_summaries
            where is_selected_run
        ) as profile_run_id,
        max(windows.addresses) as addresses,
        (
            select
                count(*) > 0
                and logical_and(starts_with(source, 'simulated_'))
            from {marts}.address_labels
        ) as is_simulated
    from {marts}.feature_windows as windows
    left join {intermediate}.int_scam_serving__champion as champion on true
    where windows.window_name = 'lifetime'
)
