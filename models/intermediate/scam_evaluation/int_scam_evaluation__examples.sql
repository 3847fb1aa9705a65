with

evaluations as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

training_addresses as (

    select * from {{ ref('int_scam_training__addresses') }}

),

features as (

    select * from {{ ref('int_features__window_addresses') }}

),

proximities as (

    select * from {{ ref('int_scam_training__stored_proximities') }}

),

candidates as (

    select * from {{ ref('int_scam_training__candidates') }}

),

labels as (

    select * from {{ ref('int_scam_training__labels') }}

),

later_reports as (

    select * from {{ ref('int_scam_training__later_reports') }}

),

tokens as (

    select address_key from {{ ref('int_addresses__contracts') }}
    where is_token

),

-- Addresses on an external list are tested by the evaluation that asks for
-- them and are neither scams nor non-scams elsewhere. There the other scams are
-- left out, because every model was trained on them. An unlabelled address with
-- too few events to tell is not a non-scam.
tested_addresses as (

    select
        evaluations.evaluation,
        evaluations.fit_name,
        evaluations.test_window_name,
        evaluations.cutoff_at,
        features.address,
        candidates.address_fifth,
        candidates.first_event_at,
        case
            when evaluations.positive_labels = 'external_scam'
                then candidates.is_external_scam
            when evaluations.positive_labels = 'later_report'
                then later_reports.address is not null
            else coalesce(labels.is_scam, false)
        end as is_scam,
        training_addresses.address is not null as is_trained_on
    from evaluations
    inner join features on evaluations.test_window_name = features.window_name
    inner join candidates on features.address = candidates.address
    left join labels
        on
            evaluations.test_labels_known_at = labels.labels_known_at
            and features.address = labels.address
    left join training_addresses
        on
            evaluations.fit_name = training_addresses.fit_name
            and features.address = training_addresses.address
    left join labels as cutoff_labels
        on
            evaluations.train_labels_known_at = cutoff_labels.labels_known_at
            and features.address = cutoff_labels.address
    left join later_reports
        on
            evaluations.fit_name = later_reports.fit_name
            and features.address = later_reports.address
    left join tokens on candidates.address_key = tokens.address_key
    where
        case evaluations.tested_addresses
            when 'training' then training_addresses.address is not null
            when 'test_fifth' then candidates.address_fifth = 0
            -- What the queue of the cutoff could hold.
            when 'unreported'
                then
                    features.tx_count >= {{ setting('least_events') }}
                    and tokens.address_key is null
                    and not coalesce(
                        cutoff_labels.is_scam
                        or cutoff_labels.is_benign
                        or cutoff_labels.is_entity,
                        false
                    )
            else true
        end
        and case
            when candidates.is_external_scam
                then evaluations.positive_labels = 'external_scam'
            when candidates.is_on_external_list then false
            else
                evaluations.positive_labels <> 'external_scam'
                or not coalesce(labels.is_scam, false)
        end
        and (
            coalesce(labels.is_scam or labels.is_benign, false)
            or evaluations.tested_addresses = 'unreported'
            or (
                evaluations.negative_labels = 'unlabelled'
                and features.tx_count >= {{ setting('least_events') }}
            )
            or (
                evaluations.positive_labels = 'external_scam'
                and candidates.is_external_scam
            )
        )

)

select
    tested_addresses.evaluation,
    tested_addresses.fit_name,
    tested_addresses.address,
    {% for feature in window_features() -%}
    features.{{ feature }},
    {% endfor -%}
    {% for feature in fit_features() -%}
    coalesce(proximities.{{ feature }}, 0) as {{ feature }},
    {% endfor -%}
    tested_addresses.is_scam,
    tested_addresses.is_trained_on,
    coalesce(
        tested_addresses.first_event_at >= tested_addresses.cutoff_at, false
    ) as is_first_seen_after_cutoff,
    tested_addresses.address_fifth,
    tested_addresses.first_event_at
from tested_addresses
inner join features
    on
        tested_addresses.test_window_name = features.window_name
        and tested_addresses.address = features.address
left join proximities
    on
        tested_addresses.fit_name = proximities.fit_name
        and tested_addresses.test_window_name = proximities.window_name
        and tested_addresses.address = proximities.address
