-- One row per address: what a stored answer says of it.
with

labels as (

    select
        address,
        list({{
            'category': category,
            'source': source,
            'label_kind': label_kind,
            'usage': usage,
            'confidence': confidence,
            'url': url,
            'is_report_time_known': is_report_time_known,
            'reported_at': reported_at,
            'valid_to': valid_to
        }} order by reported_at desc nulls last, source, category) as labels
    from {marts}.address_labels
    group by address

)

select
    addresses.address,
    addresses.label_state,
    addresses.entity_category,
    addresses.token_symbol,
    addresses.is_contract,
    addresses.is_token,
    addresses.first_seen_at,
    addresses.last_seen_at,
    scores.run_id,
    scores.state,
    scores.state_reason,
    scores.risk_tier,
    scores.score,
    scores.scam_probability,
    scores.reasons,
    scores.reason_codes,
    scores.is_allow_listed,
    scores.is_alert,
    scores.scored_at,
    alerts.alert_rank,
    alerts.evidence_transactions,
    profiles.run_id as profile_run_id,
    profiles.state as profile_state,
    profiles.state_reason as profile_state_reason,
    profiles.profile,
    profiles.second_profile,
    profiles.confidence as profile_confidence,
    profiles.assigned_at,
    labels.labels
from {marts}.addresses as addresses
left join {marts}.scam_scores as scores on addresses.address = scores.address
left join {marts}.investor_profiles as profiles
    on addresses.address = profiles.address
left join {marts}.scam_alert_queue as alerts
    on addresses.address = alerts.address
left join labels on addresses.address = labels.address
order by addresses.address
