with

intervals as (

    select * from {{ ref('int_features__interval_parts') }}
    where {{ is_computed('address_key') }}

),

medians as (

    {{ medians_of_counts(
        'intervals', ['window_id', 'address_key'], 'seconds', 'events',
        {
            'median_gap_seconds': 'not is_delay',
            'median_delay_seconds': 'is_delay',
        }
    ) }}

)

select * from medians
