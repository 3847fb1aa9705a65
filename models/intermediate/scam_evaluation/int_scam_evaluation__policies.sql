{%- set alert_budget = setting('alert_budget') %}
{%- set least_precision = 0.75 %}
{%- set least_share_of_scams = 0.9 %}
{%- set queue_noun -%}
    case
        when negative_labels = 'labelled' then ' labelled addresses'
        else ' addresses'
    end
{%- endset %}

with

queue_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}
    where
        tested_addresses = 'training'
        and subset = 'all'
        and positives > 0

),

queue_groups as (

    select * from {{ ref('int_scam_evaluation__queue_groups') }}

),

thresholds as (

    select
        queue_sets.*,
        queue_groups.score,
        queue_groups.scam_probability,
        queue_groups.addresses,
        queue_groups.expected_scams,
        queue_groups.queue_addresses,
        queue_groups.queue_expected_scams,
        queue_groups.addresses / queue_sets.training_days as alerts_per_day
    from queue_sets
    inner join queue_groups on queue_sets.set_id = queue_groups.set_id

),

-- The longest clean queue, the shortest wide net, the longest queue within the
-- budget. NULL where no queue meets the condition.
limits as (

    select
        set_id,
        min(
            case
                when expected_scams >= {{ least_precision }} * addresses
                    then score
            end
        ) as clean_from,
        max(
            case
                when
                    queue_expected_scams > 0
                    and expected_scams
                    >= {{ least_share_of_scams }} * queue_expected_scams
                    then score
            end
        ) as wide_from,
        min(
            case when alerts_per_day <= {{ alert_budget }} then score end
        ) as budget_from,
        max(scam_probability) as highest_probability,
        max(alerts_per_day) as queue_alerts_per_day,
        max(queue_addresses) as queue_addresses,
        max(queue_expected_scams) as queue_expected_scams
    from thresholds
    group by set_id

),

-- Where the clean queue already holds nine of ten scams to find, the wide net
-- is as long.
policy_limits as (

    select
        *,
        'clean_queue' as policy_name,
        clean_from as threshold_score
    from limits

    union all

    select
        *,
        'wide_net' as policy_name,
        least(wide_from, coalesce(clean_from, wide_from)) as threshold_score
    from limits

    union all

    select
        *,
        'budget' as policy_name,
        budget_from as threshold_score
    from limits

),

-- A queue that no threshold begins is empty.
queue_lengths as (

    select
        queue_sets.*,
        policy_limits.policy_name,
        policy_limits.threshold_score,
        policy_limits.wide_from,
        policy_limits.highest_probability,
        policy_limits.queue_alerts_per_day,
        policy_limits.queue_addresses,
        policy_limits.queue_expected_scams,
        thresholds.scam_probability as threshold_probability,
        coalesce(thresholds.addresses, 0.0) as expected_alerts,
        coalesce(thresholds.expected_scams, 0.0) as expected_scams
    from queue_sets
    inner join policy_limits on queue_sets.set_id = policy_limits.set_id
    left join thresholds
        on
            policy_limits.set_id = thresholds.set_id
            and policy_limits.threshold_score = thresholds.score

)

select
    model_id,
    run_id,
    fit_name,
    model_name,
    feature_set,
    policy_name,
    evaluation as chosen_on,
    case when negative_labels = 'labelled' then 'labelled' else 'unreported' end
        as queue_of,
    case
        when threshold_score is null and policy_name = 'clean_queue'
            then concat(
                'The queue is empty: the highest probability among ',
                {{ plain_number_text('round(queue_addresses)') }},
                {{ queue_noun }}, ' is ',
                {{ plain_number_text('highest_probability') }},
                ', and no queue of them reaches a precision of',
                ' {{ least_precision }}.'
            )
        when threshold_score is null and policy_name = 'wide_net'
            then concat(
                'The queue is empty: no scam is to be expected among ',
                {{ plain_number_text('round(queue_addresses)') }},
                {{ queue_noun }}, '.'
            )
        when policy_name = 'budget' and training_days is null
            then 'The queue is empty: how many alerts come in a day is unknown.'
        when threshold_score is null
            then concat(
                'The queue is empty: more addresses share the highest score',
                ' than the budget of {{ alert_budget }} a day allows.'
            )
        when
            policy_name = 'budget'
            and queue_alerts_per_day <= {{ alert_budget }}
            then concat(
                'The budget exceeds the population: all ',
                {{ plain_number_text('round(queue_addresses)') }},
                {{ queue_noun }},
                case
                    when negative_labels = 'labelled' then ' are '
                    else ' that can become alerts are '
                end,
                {{ plain_number_text('queue_alerts_per_day') }},
                ' a day, and {{ alert_budget }} fit.'
            )
        when policy_name = 'wide_net' and threshold_score < wide_from
            then concat(
                'The clean queue already holds ',
                '{{ (100 * least_share_of_scams) | int }} % of the scams to',
                ' expect, so both are the same.'
            )
        when policy_name = 'clean_queue' and expected_alerts < 10
            then concat(
                'The queue is short: among ',
                {{ plain_number_text('round(queue_addresses)') }},
                {{ queue_noun }}, ' ',
                {{ plain_number_text('queue_expected_scams') }},
                ' scams are to be expected, and few stand out.'
            )
        else 'The condition is met.'
    end as policy_reason,

    threshold_score,
    threshold_probability,
    expected_alerts,
    expected_scams,
    expected_scams / nullif(expected_alerts, 0) as expected_precision,
    expected_scams / nullif(queue_expected_scams, 0) as expected_recall,
    expected_alerts / training_days as alerts_per_day,
    queue_addresses,
    queue_expected_scams,

    threshold_score is not null as is_met
from queue_lengths
