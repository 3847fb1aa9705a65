with

confusion_matrices as (

    select * from {{ ref('int_scam_evaluation__confusion_matrices') }}

),

counts as (

    select
        set_id,
        policy_name,
        cast(true_positives as {{ type_double() }}) as true_positives,
        -- Without scams no precision says anything.
        case
            when true_positives + false_negatives > 0
                then nullif(true_positives + false_positives, 0)
        end as flagged,
        true_positives + false_negatives as positives
    from confusion_matrices

),

precisions as (

    select
        set_id,
        concat(policy_name, '_precision') as metric_name,
        true_positives / flagged as metric_value,
        {{ wilson_low('true_positives', 'flagged') }} as interval_low,
        {{ wilson_high('true_positives', 'flagged') }} as interval_high
    from counts

),

recalls as (

    select
        set_id,
        concat(policy_name, '_recall') as metric_name,
        true_positives / nullif(positives, 0) as metric_value,
        {{ wilson_low('true_positives', 'positives') }} as interval_low,
        {{ wilson_high('true_positives', 'positives') }} as interval_high
    from counts

),

metric_values as (

    select * from precisions

    union all

    select * from recalls

)

select
    *,
    case when metric_value is not null then 'wilson' end as interval_method
from metric_values
