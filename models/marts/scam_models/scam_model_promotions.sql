select * from {{ ref('int_scam_serving__promotions') }}
