select * from {{ ref('int_features__window_addresses') }}
