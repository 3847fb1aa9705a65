select * from {{ ref('int_addresses__summaries') }}
