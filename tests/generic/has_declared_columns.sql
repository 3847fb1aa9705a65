{#
    A table has the columns its YAML declares, of these types, and no other: what
    a contract is for a mart that SQL makes. Returns what differs.
#}
{% test has_declared_columns(model) %}

{%- set faults = [] -%}
{%- if execute and flags.WHICH in ('build', 'test') -%}
    {%- set declared = {} -%}
    {%- for node in graph.nodes.values() if node.name == model.identifier -%}
        {%- for column in node.columns.values() -%}
            {%- do declared.update({
                column.name: native_type(column.data_type)
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- for column in adapter.get_columns_in_relation(model) -%}
        {%- do found.update({column.name: native_type(column.dtype | lower)}) -%}
    {%- endfor -%}
    {%- for name in declared if found.get(name) != declared[name] -%}
        {%- do faults.append(
            name ~ ' is declared ' ~ declared[name] ~ ' and is '
            ~ found.get(name, 'absent')
        ) -%}
    {%- endfor -%}
    {%- for name in found if name not in declared -%}
        {%- do faults.append(name ~ ' is not declared') -%}
    {%- endfor -%}
{%- endif %}

{% for fault in faults -%}
select {{ text_literal(fault) }} as fault
union all
{% endfor -%}
select 'none' as fault
from (select 1 as one) as nothing
where one > 1

{% endtest %}
