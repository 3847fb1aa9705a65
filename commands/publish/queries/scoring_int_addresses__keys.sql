select * from {intermediate}.int_addresses__keys
order by address
