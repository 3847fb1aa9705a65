with

reported_labels as (

    select * from {{ label_table() }} as label_files

),

parsed_labels as (

    select
        input_file,
        {{ clean_hex('address') }} as address,
        {{ label_category('category') }} as reported_category,
        {{ clean_text('trim(source)') }} as source,
        nullif(url, '') as url,
        nullif(confidence, '') as confidence,
        coalesce({{ clean_text('usage') }}, 'training') as usage,

        {{ clean_text('reported_at') }} as reported_at_text,
        {{ parse_iso_timestamp('reported_at') }} as reported_at,
        {{ clean_text('valid_to') }} as valid_to_text,
        {{ parse_iso_timestamp('valid_to') }} as valid_to

    from reported_labels

),

label_categories as (

    select * from {{ ref('label_categories') }}

)

select
    parsed_labels.*,
    label_categories.category,
    label_categories.label_kind,
    case
        when {{ is_malformed_hex('parsed_labels.address', 40) }}
            then 'malformed address'
        when parsed_labels.reported_category is null then 'missing category'
        when label_categories.category is null
            then 'unknown category, add it to seeds/label_categories.csv'
        when parsed_labels.source is null then 'missing source'
        when parsed_labels.usage not in ('training', 'external')
            then 'unknown usage, expected training or external'
        when
            parsed_labels.valid_to_text is not null
            and parsed_labels.valid_to is null
            then 'unparsable valid_to'
        when
            parsed_labels.valid_to
            not between {{ timestamp_literal('2015-07-30 00:00:00') }}
            and {{ timestamp_literal('2100-01-01 00:00:00') }}
            then 'impossible valid_to'
        when parsed_labels.valid_to < parsed_labels.reported_at
            then 'valid_to before reported_at'
        when parsed_labels.reported_at_text is not null
            then {{ timestamp_rejection('parsed_labels.reported_at') }}
    end as rejection_reason
from parsed_labels
left join label_categories
    on parsed_labels.reported_category = label_categories.reported_category
