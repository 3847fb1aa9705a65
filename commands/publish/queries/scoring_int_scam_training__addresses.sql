-- The scams that the newest training knows.
select * from {intermediate}.int_scam_training__addresses
where fit_name = 'lifetime' and is_scam
