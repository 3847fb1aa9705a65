{{ config(tags=['train']) }}

with

features as (

    select
        address,
        first_event_at,
        {{ address_fifth('address') }} as address_fifth
    from {{ ref('address_window_features') }}
    where window_name = 'lifetime'

),

population as (

    select * from {{ ref('int_features__backtest_population') }}

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
    from {{ ref('address_labels') }}
    where usage = 'external'
    group by address

)

-- Fixed thresholds on a hash: an address keeps its split for ever.
select
    features.address,
    case
        when features.address_fifth = 0 then 'test'
        when features.address_fifth = 1 then 'validation'
        else 'train'
    end as split,
    population.is_labelled,
    external_list.address is not null as is_on_external_list,
    coalesce(external_list.is_external_scam, false) as is_external_scam,
    features.first_event_at,
    features.address_fifth
from features
inner join population on features.address = population.address
left join external_list on features.address = external_list.address
