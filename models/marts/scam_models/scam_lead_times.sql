select * from {{ ref('int_scam_evaluation__lead_times') }}
