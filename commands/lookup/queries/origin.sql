select * from {lookup_origin}
