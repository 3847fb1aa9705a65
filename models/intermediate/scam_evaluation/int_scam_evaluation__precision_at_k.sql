with

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

),

queue_lengths as (
    {% for k in [10, 50, 100, 500] %}
    select {{ k }} as k
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A tie across the end of the queue fills it with its own share of scams,
-- which is what a random order among the tied would give on average.
queue_positives as (

    select
        score_groups.set_id,
        queue_lengths.k,
        sum(
            cast(score_groups.positives as {{ type_double() }})
            * least(
                score_groups.examples,
                queue_lengths.k
                - (score_groups.flagged - score_groups.examples)
            )
            / score_groups.examples
        ) as positives_found
    from score_groups
    inner join queue_lengths
        on
            score_groups.flagged - score_groups.examples < queue_lengths.k
    group by score_groups.set_id, queue_lengths.k

),

set_queues as (

    select
        evaluation_sets.set_id,
        queue_lengths.k,
        case
            when
                evaluation_sets.examples >= queue_lengths.k
                and evaluation_sets.positives > 0
                then queue_positives.positives_found
        end as positives_found
    from evaluation_sets
    cross join queue_lengths
    inner join queue_positives
        on
            evaluation_sets.set_id = queue_positives.set_id
            and queue_lengths.k = queue_positives.k

)

select
    set_id,
    concat('precision_at_', cast(k as {{ dbt.type_string() }}))
        as metric_name,
    positives_found / k as metric_value,
    {{ wilson_low('positives_found', 'k') }} as interval_low,
    {{ wilson_high('positives_found', 'k') }} as interval_high,
    case when positives_found is not null then 'wilson' end
        as interval_method
from set_queues
