select degrees.*
from {intermediate}.int_features__window_degrees as degrees
inner join {intermediate}.int_features__windows as windows
    on
        degrees.window_id = windows.window_id
        and windows.window_name = 'lifetime'
order by degrees.address_key
