(
    -- Rows are added to build_runs when a build ends, after all of its tables are
    -- written. The start alone does not tell which of two builds at a time ended.
    select
        (
            select
                concat(
                    cast(coalesce(unix_seconds(max(started_at)), 0) as string),
                    '-',
                    cast(count(*) as string)
                )
            from {marts}.build_runs
        ) as copy_id,
        (
            select max(started_at) from {marts}.build_runs
        ) as published_at,
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
            select count(*) > 0 from {marts}.address_labels
            where starts_with(source, 'simulated_')
        )
        or (
            select count(*) > 0 from {marts}.input_files
            where starts_with(file_name, 'seeds/sample/')
        ) as is_simulated
    from {marts}.feature_windows as windows
    left join {intermediate}.int_scam_serving__champion as champion on true
    where windows.window_name = 'lifetime'
)
