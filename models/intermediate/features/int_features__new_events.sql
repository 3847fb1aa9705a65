-- depends_on: {{ ref('int_events__transaction_sides') }}
-- depends_on: {{ ref('int_events__transaction_events') }}
-- depends_on: {{ ref('int_features__fold_bounds') }}
{%- set start = fold_bounds().start %}

with

events as (

    {% if start -%}
    select * from {{ ref('int_events__transaction_sides') }}
    where block_date >= cast('{{ start }}' as date)
    {%- else -%}
    select * from {{ ref('int_events__transaction_events') }}
    {%- endif %}

)

select
    {{ event_columns() | join(',
    ') }}
from events
