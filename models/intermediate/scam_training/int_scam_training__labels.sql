with

labels as (

    select * from {{ ref('int_addresses__labels') }}
    {%- if not setting('train_on_reviews') %}
    where {{ is_not_of_reviews('source') }}
    {%- endif %}

),

evaluations as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

times as (

    select train_labels_known_at as labels_known_at from evaluations

    union distinct

    select test_labels_known_at as labels_known_at from evaluations
    where test_labels_known_at is not null

),

data_end as (

    select window_end as data_end_at from windows
    where window_name = 'lifetime'

),

known_labels as (

    select
        times.labels_known_at,
        labels.*
    from labels
    cross join data_end
    inner join times
        on
            {{ is_label_known(
                'labels', 'times.labels_known_at',
                'times.labels_known_at >= data_end.data_end_at'
            ) }}

)

select
    labels_known_at,
    address,
    count(
        case when label_kind = 'scam' and usage = 'training' then 1 end
    ) > 0 as is_scam,
    count(
        case when label_kind = 'benign' and usage = 'training' then 1 end
    ) > 0 as is_benign,
    count(case when label_kind = 'entity' then 1 end) > 0 as is_entity
from known_labels
group by labels_known_at, address
