{#
    Subset of an evaluation by what an address moved: the sum of its incoming and
    outgoing wei in the window. A model that only finds scams that move next to
    nothing is worth little. NULL for NULL.
#}
{% macro value_band(wei) -%}
    {%- set bands = value_bands() -%}
    case
        when {{ wei }} < 1e17 then '{{ bands[0] }}'
        when {{ wei }} < 1e18 then '{{ bands[1] }}'
        when {{ wei }} < 1e19 then '{{ bands[2] }}'
        when {{ wei }} >= 1e19 then '{{ bands[3] }}'
    end
{%- endmacro %}
{% macro value_bands() %}
    {{ return([
        'moved_below_0.1_eth', 'moved_0.1_to_1_eth', 'moved_1_to_10_eth',
        'moved_10_eth_or_more',
    ]) }}
{% endmacro %}
