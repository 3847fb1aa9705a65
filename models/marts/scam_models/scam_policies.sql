select * from {{ ref('int_scam_evaluation__policies') }}
