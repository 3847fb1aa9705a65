select * from {intermediate}.int_features__window_extents
where window_name = 'lifetime'
