select * from {marts}.address_features where address = @address
