select * from {lookup_addresses} where address = @address
