select * from {intermediate}.int_scam_training__evaluations
where
    fit_name = 'lifetime'
    and train_window_name = 'lifetime'
    and test_window_name = 'lifetime'
