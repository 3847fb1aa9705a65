(
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
    from (
        select * from {marts}.addresses where {asked}
    ) as addresses
    left join (
        select * from {marts}.scam_scores where {asked}
    ) as scores on addresses.address = scores.address
    left join (
        select * from {marts}.investor_profiles where {asked}
    ) as profiles on addresses.address = profiles.address
    left join (
        select * from {marts}.scam_alert_queue where {asked}
    ) as alerts on addresses.address = alerts.address
    left join (
        select
            address,
            array_agg(struct(
                category,
                source,
                label_kind,
                usage,
                confidence,
                url,
                is_report_time_known,
                reported_at,
                valid_to
            ) order by reported_at desc, source, category) as labels
        from {marts}.address_labels
        where {asked}
        group by address
    ) as labels on addresses.address = labels.address
)
