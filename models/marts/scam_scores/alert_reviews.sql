select * from {{ ref('int_scam_serving__alert_reviews') }}
