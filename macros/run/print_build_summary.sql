{#
    At the end of a build: what was read and rejected, what the inputs could not
    tell, the profiles, how well the run that scores finds scams, and where to
    look next. Says only what this run built.
#}
{% macro print_build_summary() %}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set built = [] -%}
        {%- for result in results if result.status | string == 'success' -%}
            {%- do built.append(result.node.name) -%}
        {%- endfor -%}
        {%- if 'int_events__chain_state' in built and loads_incrementally() -%}
            {%- do print_rows(load_summary()) -%}
        {%- endif -%}
        {%- if 'input_files' in built -%}
            {%- do print_rows(input_summary()) -%}
            {%- do warn_of_unused_rows() -%}
        {%- endif -%}
        {%- if 'address_features' in built -%}
            {%- do print_rows(feature_summary()) -%}
        {%- endif -%}
        {%- if 'address_features' in built and not is_graph_enabled() -%}
            {%- do log(
                'address_graph_features is not built: set graph_on_bigquery to true if you want'
                ~ ' it. docs/bigquery_cost.md says what it costs.', info=true
            ) -%}
        {%- endif -%}
        {%- if 'address_labels' in built and 'address_features' in built -%}
            {%- do print_rows(label_summary()) -%}
        {%- endif -%}
        {%- if 'investor_profiles' in built -%}
            {%- do print_rows(profile_summary()) -%}
            {%- do print_rows(state_summary('Investor profiles', 'investor_profiles')) -%}
        {%- endif -%}
        {%- if 'scam_model_promotions' in built and 'scam_model_metrics' in built -%}
            {%- do print_rows(metric_summary()) -%}
            {%- if 'scam_lead_times' in built -%}
                {%- do print_rows(lead_time_summary()) -%}
            {%- endif -%}
            {%- do print_rows(sample_summary()) -%}
            {%- do print_rows(champion_summary()) -%}
        {%- endif -%}
        {%- if 'scam_scores' in built -%}
            {%- do print_rows(state_summary('Scam scores', 'scam_scores')) -%}
            {%- do print_rows(alert_summary()) -%}
            {%- do log(
                'Next: the queue is in scam_alert_queue. make report shows all of it on a'
                ~ ' page, make publish and make serve answer about one address.', info=true
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Rows of each table that was read, and what became of those that do not count. #}
{% macro input_summary() %}
{%- set text = dbt.type_string() %}
select concat(
    'Read ', table_name, ': ', cast(sum(rows_read) as {{ text }}), ' rows of ',
    cast(count(*) as {{ text }}), case when count(*) = 1 then ' file' else ' files' end,
    case
        when sum(rows_rejected) > 0
            then concat(', ', cast(sum(rows_rejected) as {{ text }}), ' rejected')
        else ''
    end,
    case
        when sum(rows_duplicate) > 0
            then concat(', ', cast(sum(rows_duplicate) as {{ text }}), ' duplicate')
        else ''
    end,
    case
        when sum(rows_too_early) > 0
            then concat(', ', cast(sum(rows_too_early) as {{ text }}), ' before history_start')
        else ''
    end,
    '.'
) as line
from {{ relation_named('input_files') }}
where table_name is not null
group by table_name
order by sum(rows_read) desc, table_name
{% endmacro %}

{# Accepted rows that are in no feature, and what brings them in. #}
{% macro warn_of_unused_rows() %}
    {%- set rows = run_query(
        "select table_name, sum(rows_unused) from " ~ relation_named('input_files')
        ~ " where rows_unused > 0 group by table_name order by table_name"
    ).rows -%}
    {%- for table, number in rows -%}
        {%- set reason = {
            'token_transfers': "without a time, in no feature. Add blocks or the"
                ~ " transactions they are of.",
            'receipts': "of no transaction that was read, in no feature. Add the"
                ~ " transactions.",
        }[table] -%}
        {%- do exceptions.warn(
            "Unused, " ~ table ~ ": " ~ number | int ~ " " ~ reason
        ) -%}
    {%- endfor -%}
{% endmacro %}

{# Whether the graph models are part of the project, which on BigQuery a var says. #}
{% macro is_graph_enabled() %}
    {%- set models = graph.nodes.values()
        | selectattr('name', 'equalto', 'address_graph_features') -%}
    {{- return(models | list | length > 0) -}}
{% endmacro %}

{# Logs the one text column of a query, a line a row. #}
{% macro print_rows(query) %}
    {%- for row in run_query(query).rows -%}
        {%- if row[0] -%}{%- do log(row[0], info=true) -%}{%- endif -%}
    {%- endfor -%}
{% endmacro %}

{# The days this run read, and whether more wait. #}
{% macro load_summary() %}
{%- set bounds = load_bounds() -%}
select concat(
    'Read the chain from {{ bounds.start }} to {{ bounds.end }}. The last transaction is of ',
    coalesce(cast(loaded_through as {{ dbt.type_string() }}), 'no day: nothing was there'), '.'
    {%- if bounds.end[:10] <= run_started_at.strftime('%Y-%m-%d') %},
    ' {{ days_per_load() }} days (days_per_load) are read at once: run again for later ones.'
    {%- endif %}
) as line
from {{ relation_named('int_events__chain_state') }}
{% endmacro %}

{# Addresses with features, and what is missing from them. address_features has
   all of it, but on BigQuery with more bytes. #}
{% macro feature_summary() %}
with features as (
    select
        count(*) as addresses,
        count(avg_gas_limit) as gas_limits,
        count(avg_gas_price) as gas_prices
    from {{ relation_named('int_features__window_addresses') }}
    where window_name = 'lifetime'
),
balances as (
    select count(case when is_balance_derived then 1 end) as derived_balances
    from {{ relation_named('int_addresses__ether_balances') }}
),
tokens as (
    select count(*) as token_addresses
    from {{ relation_named('int_addresses__token_activity') }}
)
select concat(
    'Features: ', cast(addresses as {{ dbt.type_string() }}),
    case when addresses = 1 then ' address.' else ' addresses.' end,
    case
        when addresses > 0 and gas_limits = 0
            then ' Gas limits are unknown.' else ''
    end,
    case
        when addresses > 0 and gas_prices = 0
            then ' Gas prices are unknown.' else ''
    end,
    case
        when addresses > 0 and derived_balances > 0
            then ' No balances table: ether balances are derived from'
                || ' transactions, without mining rewards and internal transfers.'
        else ''
    end,
    case
        when addresses > 0 and token_addresses = 0
            then ' No token transfers.' else ''
    end
) as line
from features
cross join balances
cross join tokens
{% endmacro %}

{#
    Labels by kind, how many have no report time, and how many scams came too
    late to train.
#}
{% macro label_summary() %}
with labels as (
    select
        labels.*,
        {{ is_late_scam('labels', 'windows.window_end') }} as is_late_scam
    from {{ relation_named('address_labels') }} as labels
    left join {{ relation_named('int_features__windows') }} as windows
        on windows.window_name = 'lifetime'
)
select concat(
    'Labels: ',
    cast(count(case when label_kind = 'scam' then 1 end) as {{ dbt.type_string() }}),
    ' of scams, ',
    cast(count(case when label_kind = 'benign' then 1 end) as {{ dbt.type_string() }}),
    ' of benign addresses, ',
    cast(count(case when label_kind not in ('scam', 'benign') then 1 end) as {{ dbt.type_string() }}),
    ' of entities and others. Report time unknown, taken as known at any time: ',
    cast(count(case when not is_report_time_known then 1 end) as {{ dbt.type_string() }}),
    ' of ', cast(count(*) as {{ dbt.type_string() }}), '.',
    case
        when count(case when is_late_scam then 1 end) > 0
            then concat(
                ' Reported after the last transaction: ',
                cast(
                    count(case when is_late_scam then 1 end)
                    as {{ dbt.type_string() }}
                ),
                ' of scams, which do not train the model that scores.'
            )
        else ''
    end
) as line
from labels
{% endmacro %}

{# Query for the run that scores addresses, else the newest. #}
{% macro summarised_run() -%}
    select run_id
    from {{ relation_named('scam_model_promotions') }}
    order by
        case when decision = 'champion' then 0 else 1 end,
        trained_at desc,
        run_id desc
    limit 1
{%- endmacro %}

{# Which run scores, and why the newest does not where it is another. #}
{% macro champion_summary() %}
with newest as (
    {{ newest_run(relation_named('scam_models')) }}
),
champion as (
    select run_id
    from {{ relation_named('scam_model_promotions') }}
    where decision = 'champion'
)
select concat(
    'Scam model: ',
    case
        when champion.run_id is null
            then concat(
                'no run scores, and the figures above are those of run ',
                promotions.run_id, '.'
            )
        else concat(
            'run ', champion.run_id, ' scores, and the figures above are its',
            ' own.'
        )
    end,
    case
        when promotions.decision = 'champion' then ''
        else concat(
            ' The newest run, ', promotions.run_id, ', does not score: ',
            case
                when promotions.decision = 'retired'
                    then 'the var champion_run_id names another run'
                else concat(
                    promotions.reason, ' (', promotions.reason_code, ')'
                )
            end,
            '.'
        )
    end,
    case
        when promotions.decision = 'champion' or champion.run_id is null
            then ''
        else concat(
            ' To use run ', promotions.run_id,
            ', set the var champion_run_id to it.'
        )
    end
) as line
from {{ relation_named('scam_model_promotions') }} as promotions
inner join newest on promotions.run_id = newest.run_id
left join champion on true
{% endmacro %}

{# That the figures are those of a sample, where unlabelled addresses were drawn. #}
{% macro sample_summary() %}
with summarised as (
    {{ summarised_run() }}
)
select concat(
    'Scam model: the figures above are those of a sample, all labelled addresses',
    ' and ', {{ number_text('max(metrics.unlabelled_sample_percent)', '%.4g') }},
    ' % of the others (unlabelled_sample_percent). Among all addresses scams are',
    ' rarer, and precision and average precision are lower.'
) as line
from {{ relation_named('scam_model_metrics') }} as metrics
inner join summarised on metrics.run_id = summarised.run_id
where
    metrics.unlabelled_sample_percent < 100
    and metrics.negative_labels = 'unlabelled'
having count(*) > 0
{% endmacro %}

{#
    Average precision of the model that scores addresses, beside that of the
    amount received alone and of shuffled labels. Shuffled labels stand near the
    share of scams. scam_model_metrics has the other models.
#}
{% macro metric_summary() %}
with summarised as (
    {{ summarised_run() }}
),
metrics as (
    select metrics.*
    from {{ relation_named('scam_model_metrics') }} as metrics
    inner join summarised on metrics.run_id = summarised.run_id
    where
        metrics.metric_name in ('average_precision', 'recall_at_95_precision')
        and metrics.evaluation not in ('validation', 'rolling', 'lead_time')
        and (
            metrics.subset in ('all', 'first_seen_after_cutoff')
            or metrics.subset like 'at_least%'
        )
),
ranked as (
    select
        evaluation, cutoff_at, subset,
        max(positives) as positives,
        max(examples) as examples,
        {%- set is_champion %}
            model_name = '{{ champion_model_name() }}'
            and feature_set = '{{ champion_feature_set() }}'
            and metric_name = 'average_precision'
        {%- endset %}
        max(case when {{ is_champion }} then metric_value end) as average_precision,
        max(case when {{ is_champion }} then interval_low end) as interval_low,
        max(case when {{ is_champion }} then interval_high end) as interval_high,
        max(case
            when model_name = '{{ champion_model_name() }}'
                and feature_set = '{{ champion_feature_set() }}'
                and metric_name = 'recall_at_95_precision'
                then metric_value
        end) as recall_at_95_precision,
        {%- for name in ['null_model', 'shuffled_labels'] %}
        max(case
            when model_name = '{{ name }}' and metric_name = 'average_precision'
                then metric_value
        end) as {{ name }},
        {%- endfor %}
        case evaluation when 'deployed' then 1 when 'future' then 2 else 3 end
            as place
    from metrics
    group by evaluation, cutoff_at, subset
)
select concat(
    'Scam model, evaluation ', evaluation,
    case
        when cutoff_at is null then ''
        else concat(' from ', {{ timestamp_text('cutoff_at') }})
    end,
    case when subset = 'all' then '' else concat(', ', subset) end,
    coalesce(
        ': average precision '
        || {{ number_text('average_precision', '%.3f') }},
        ': nothing could be measured'
    ),
    coalesce(
        ' (95 % interval ' || {{ number_text('interval_low', '%.3f') }}
        || ' to ' || {{ number_text('interval_high', '%.3f') }} || ')', ''
    ),
    coalesce(
        ', amount received alone ' || {{ number_text('null_model', '%.3f') }},
        ''
    ),
    coalesce(
        ', shuffled labels ' || {{ number_text('shuffled_labels', '%.3f') }}, ''
    ),
    coalesce(
        '. Recall at 95 % precision '
        || {{ number_text('recall_at_95_precision', '%.3f') }}, ''
    ),
    '. ', cast(positives as {{ dbt.type_string() }}), ' scams of ',
    cast(examples as {{ dbt.type_string() }}), ' addresses.'
) as line
from ranked
-- Where no tested address is a scam, the two headlines say so.
where
    average_precision is not null
    or (positives = 0 and subset = 'all' and place < 3)
order by place, evaluation, subset
{% endmacro %}

{# How the queue of earlier days stands against what was reported later. #}
{% macro lead_time_summary() %}
with summarised as (
    {{ summarised_run() }}
),
figures as (
    select
        max(case when figure = 'precision_at_100' then figure_value end)
            as found_share,
        max(case when figure = 'precision_at_100' then interval_low end)
            as interval_low,
        max(case when figure = 'precision_at_100' then interval_high end)
            as interval_high,
        max(case when figure = 'precision_at_100' then random_value end)
            as random_share,
        max(case when figure = 'precision_at_100' then state_reason end)
            as state_reason,
        max(case when figure = 'median_days_ahead' then figure_value end)
            as days_ahead,
        max(case when figure = 'not_yet_seen_share' then figure_value end)
            as not_yet_seen_share,
        max(later_reports) as later_reports
    from {{ relation_named('scam_lead_times') }} as lead_times
    inner join summarised on lead_times.run_id = summarised.run_id
    where
        lead_times.scope_name = 'all_cutoffs'
        and {{ is_champion_kind('lead_times') }}
    having count(*) > 0
)
select concat(
    'Scam model, evaluation lead_time: ',
    coalesce(
        'of the addresses among the first 100 of the queue at earlier cutoffs '
        || {{ number_text('100 * found_share', '%.1f') }}
        || ' % (95 % interval '
        || {{ number_text('100 * interval_low', '%.1f') }} || ' to '
        || {{ number_text('100 * interval_high', '%.1f') }} || ', at random '
        || {{ number_text('100 * random_share', '%.1f') }}
        || ') were first reported later', state_reason
    ),
    coalesce(
        ', the median ' || {{ number_text('days_ahead', '%.0f') }}
        || ' days ahead', ''
    ),
    '. ', cast(later_reports as {{ dbt.type_string() }}), ' later reports',
    coalesce(
        ', ' || {{ number_text('100 * not_yet_seen_share', '%.0f') }}
        || ' % of them without an event at the cutoff', ''
    ),
    '.'
) as line
from figures
{% endmacro %}

{# The clustering behind the profiles, and whether it missed the bar. #}
{% macro profile_summary() %}
select concat(
    'Investor profiles: ', algorithm, ' with ',
    cast(clusters as {{ dbt.type_string() }}), ' clusters on ', recipe,
    '. Silhouette ', {{ number_text('silhouette', '%.3f') }},
    coalesce(
        ' (column-shuffled addresses '
        || {{ number_text('shuffled_silhouette', '%.3f') }} || ')', ''
    ),
    ' in the fitted and ', {{ number_text('reference_silhouette', '%.3f') }},
    ' in the reference space, stability ', {{ number_text('stability', '%.3f') }},
    ', smallest cluster ',
    {{ number_text('100 * smallest_cluster_share', '%.1f') }}, ' %. Reason: ',
    selection_reason, '.'
) as line
from {{ relation_named('investor_profile_models') }}
where is_selected
order by trained_at desc, run_id desc
limit 1
{% endmacro %}

{# Addresses of a mart by the state of what it says about them. #}
{% macro state_summary(title, name) %}
select concat(
    '{{ title }}: ',
    cast(count(*) as {{ dbt.type_string() }}),
    case when count(*) = 1 then ' address ' else ' addresses ' end, state, '.'
) as line
from {{ relation_named(name) }}
group by state
order by state
{% endmacro %}

{# How many addresses wait for a review, and those the queue is too short for. #}
{% macro alert_summary() %}
select concat(
    'Alerts: ',
    cast(count(case when risk_tier = 'high' then 1 end) as {{ dbt.type_string() }}),
    ' high and ',
    cast(count(case when risk_tier = 'medium' then 1 end) as {{ dbt.type_string() }}),
    ' medium'
    {%- set longest = setting('max_alerts') -%},
    case
        when count(*) > {{ longest }}
            then '. The queue ends after {{ longest }} (max_alerts)'
        else ''
    end,
    '.'
) as line
from {{ relation_named('scam_scores') }}
where is_alert
{% endmacro %}
