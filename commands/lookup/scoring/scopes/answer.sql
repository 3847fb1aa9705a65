select
    scores.address,
    scores.run_id,
    scores.state,
    scores.state_reason,
    scores.risk_tier,
    scores.score,
    scores.scam_probability,
    reasons.reasons,
    reasons.reason_codes,
    scores.is_allow_listed,
    scores.is_alert,
    scores.scored_at,
    summaries.label_state,
    summaries.entity_category,
    summaries.token_symbol,
    summaries.is_contract,
    summaries.is_token,
    summaries.first_seen_at,
    summaries.last_seen_at,
    profiles.run_id as profile_run_id,
    profiles.state as profile_state,
    profiles.state_reason as profile_state_reason,
    profiles.profile,
    profiles.second_profile,
    profiles.confidence as profile_confidence,
    profiles.assigned_at
from request.int_scam_serving__scores as scores
inner join request.int_addresses__summaries as summaries
    on scores.address = summaries.address
left join request.int_scam_serving__reasons as reasons
    on
        scores.run_id = reasons.run_id
        and scores.address = reasons.address
left join request.investor_profiles as profiles
    on scores.address = profiles.address
where scores.address in (select address from request.subjects)
