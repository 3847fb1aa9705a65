select * from {{ ref('int_scam_evaluation__measured_policies') }}
