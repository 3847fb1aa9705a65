{#
    Subset of evaluation by what an address moved: the sum of its incoming and
    outgoing wei in the window. A model that only finds scams that move next to
    nothing is worth little. NULL for NULL.
#}
{% macro value_band(wei) -%}
    case
        when {{ wei }} < 1e17 then 'moved_below_0.1_eth'
        when {{ wei }} < 1e18 then 'moved_0.1_to_1_eth'
        when {{ wei }} < 1e19 then 'moved_1_to_10_eth'
        when {{ wei }} >= 1e19 then 'moved_10_eth_or_more'
    end
{%- endmacro %}
