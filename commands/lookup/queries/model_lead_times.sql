-- How far ahead of the first report scams stood in the queue, all cutoffs last.
select
    scope_name,
    figure,
    state,
    state_reason,
    figure_value,
    interval_low,
    interval_high,
    random_value,
    trials,
    later_reports,
    queue_addresses,
    cutoff_at
from {marts}.scam_lead_times
where
    run_id = @run_id
    and model_name = @model_name
    and feature_set = @feature_set
order by
    case when scope_name = 'all_cutoffs' then 1 else 0 end,
    scope_name,
    figure
