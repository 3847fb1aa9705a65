with

population as (

    select * from {{ ref('int_features__backtest_population') }}

),

activity as (

    select * from {{ ref('int_addresses__activity') }}

),

label_counts as (

    select
        address,
        count(case when {{ is_not_of_reviews('source') }} then 1 end)
            as other_labels,
        count(case when label_kind = 'scam' then 1 end) as scam_labels,
        count(
            case
                when label_kind = 'scam' and {{ is_not_of_reviews('source') }}
                    then 1
            end
        ) as other_scam_labels
    from {{ ref('int_addresses__labels') }}
    where coalesce(valid_to > {{ now_utc() }}, true)
    group by address

),

-- An address that only a review knows, or that only a review calls a scam, is
-- neither a scam nor a non-scam in training.
reviewed_addresses as (

    select address
    from label_counts
    where
        (other_labels = 0 or (scam_labels > 0 and other_scam_labels = 0))
        and {{ 'false' if setting('train_on_reviews') else 'true' }}

),

external_list as (

    select
        address,
        count(
            case
                when
                    label_kind = 'scam'
                    and coalesce(valid_to > {{ now_utc() }}, true)
                    then 1
            end
        ) > 0 as is_external_scam
    from {{ ref('int_addresses__labels') }}
    where usage = 'external'
    group by address

),

-- Nobody had reported it when the data end, and everybody knows it now.
late_scams as (

    select distinct labels.address
    from {{ ref('int_addresses__labels') }} as labels
    inner join {{ ref('int_features__windows') }} as windows
        on windows.window_name = 'lifetime'
    where {{ is_late_scam('labels', 'windows.window_end') }}

)

select
    population.address_key,
    population.address,
    {{ address_fifth('population.address') }} as address_fifth,
    population.is_labelled,
    external_list.address is not null as is_on_external_list,
    coalesce(external_list.is_external_scam, false) as is_external_scam,
    late_scams.address is not null as is_late_scam,
    activity.first_event_at
from population
inner join activity on population.address_key = activity.address_key
left join external_list on population.address = external_list.address
left join late_scams on population.address = late_scams.address
left join reviewed_addresses
    on population.address = reviewed_addresses.address
where reviewed_addresses.address is null
