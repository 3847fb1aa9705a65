select * from {{ ref('int_addresses__rejected_labels') }}
