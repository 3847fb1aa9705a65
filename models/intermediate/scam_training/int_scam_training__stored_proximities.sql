select * from {{ ref('int_scam_training__proximities') }}
