select * from {lookup_addresses} where address in unnest(@addresses)
