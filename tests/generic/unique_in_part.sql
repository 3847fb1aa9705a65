{# Combinations of columns that are in a part more than once. #}
{% test unique_in_part(model, columns) %}

select
    {{ part_keys(columns) }},
    count(*) as times
from {{ model }}
group by {{ part_keys(columns) }}
having count(*) > 1

{% endtest %}
