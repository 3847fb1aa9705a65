with

hours as (

    {{ merged_parts(
        'int_features__hour_parts',
        ['window_id', 'address_key', 'hour_of_day'],
        counts=['events']
    ) }}

),

-- Integers of 1e-18, so that the order of the terms does not change the sum.
totals as (

    select
        window_id,
        address_key,
        cast(sum(events) as {{ type_double() }}) as events,
        sum(events * hour_of_day) as hour_sum,
        count(*) as hours,
        cast(
            {{ sum_exactly(
                'cast(round(events * ln(events) * 1e18) as '
                ~ type_wei() ~ ')'
            ) }} as {{ type_double() }}
        ) / 1e18 as events_log_events
    from hours
    group by window_id, address_key

)

-- Shannon entropy of the shares p = events / total: ln(total) less the mean of
-- ln(events), in bits.
select
    window_id,
    address_key,
    hour_sum / events as hour_mean,
    case
        when hours = 1 then 0
        else (ln(events) - events_log_events / events) / ln(2)
    end as hour_entropy
from totals
