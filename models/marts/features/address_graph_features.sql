select * from {{ ref('int_graph__address_features') }}
