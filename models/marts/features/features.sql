select * from {{ ref('int_features__catalogue') }}
