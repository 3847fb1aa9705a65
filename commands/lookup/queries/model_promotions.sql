select
    run_id,
    incumbent_run_id,
    decision,
    reason_code,
    reason,
    average_precision,
    average_precision_low,
    average_precision_high,
    positives,
    examples,
    is_pinned,
    trained_at
from {marts}.scam_model_promotions
order by trained_at desc, run_id
