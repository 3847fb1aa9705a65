-- Models and people find windows by name: lifetime, past, future, to_date, and
-- past_rolling_N and to_date_rolling_N.
select window_name
from {{ ref('feature_windows') }}
where not {{ matches(
    'window_name', 'lifetime|future|(past|to_date)(_rolling_[0-9]+)?'
) }}
