-- No address in the queue of a cutoff had a scam label by then, and those that
-- count as scams have had their first one since. Reviews are labels only where
-- models train on them.
with

tested_addresses as (

    select
        examples.fit_name,
        examples.address,
        examples.is_scam,
        evaluations.cutoff_at
    from {{ ref('int_scam_evaluation__examples') }} as examples
    inner join {{ ref('int_scam_training__evaluations') }} as evaluations
        on
            examples.evaluation = evaluations.evaluation
            and examples.fit_name = evaluations.fit_name
    where examples.evaluation = 'lead_time'

),

labels as (

    select * from {{ ref('address_labels') }}
    where
        label_kind = 'scam'
        and usage = 'training'
        {%- if not setting('train_on_reviews') %}
        and {{ is_not_of_reviews('source') }}
        {%- endif %}

)

select
    tested_addresses.fit_name,
    tested_addresses.address
from tested_addresses
left join labels on tested_addresses.address = labels.address
group by
    tested_addresses.fit_name,
    tested_addresses.address,
    tested_addresses.cutoff_at,
    tested_addresses.is_scam
having
    -- A label that was taken back by the cutoff did not stand there any more.
    count(
        case
            when
                coalesce(labels.reported_at <= tested_addresses.cutoff_at, true)
                and coalesce(labels.valid_to > tested_addresses.cutoff_at, true)
                and labels.address is not null
                then 1
        end
    ) > 0
    or (
        tested_addresses.is_scam
        and count(
            case
                when labels.reported_at > tested_addresses.cutoff_at then 1
            end
        ) = 0
    )
