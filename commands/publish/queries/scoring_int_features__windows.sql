select * from {intermediate}.int_features__windows
where window_name = 'lifetime'
