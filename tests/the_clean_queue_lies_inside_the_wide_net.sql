-- Whoever the clean queue flags, the wide net flags too, and neither holds more
-- addresses than can become alerts.
with

policies as (

    select * from {{ ref('scam_policies') }}

),

clean_queues as (

    select * from policies
    where policy_name = 'clean_queue'

),

wide_nets as (

    select * from policies
    where policy_name = 'wide_net'

)

select
    clean_queues.model_id,
    clean_queues.threshold_score as clean_from,
    wide_nets.threshold_score as wide_from
from clean_queues
full outer join wide_nets on clean_queues.model_id = wide_nets.model_id
where
    clean_queues.model_id is null
    or wide_nets.model_id is null
    or wide_nets.threshold_score > clean_queues.threshold_score
    or wide_nets.expected_alerts < clean_queues.expected_alerts
    or clean_queues.expected_precision < 0.75
    or clean_queues.is_met <> (clean_queues.expected_alerts > 0)
    or wide_nets.expected_alerts > wide_nets.queue_addresses
