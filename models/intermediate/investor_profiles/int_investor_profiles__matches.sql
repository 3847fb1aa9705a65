with

members as (

    select * from {{ ref('int_investor_profiles__members') }}

),

selected_runs as (

    select
        run_id,
        trained_at
    from {{ ref('investor_profile_models') }}
    where is_selected

),

assigned_runs as (

    select distinct run_id from members

),

-- A run that never assigned anything has no profiles to compare with.
runs as (

    select
        selected_runs.run_id,
        lag(selected_runs.run_id) over (
            order by selected_runs.trained_at, selected_runs.run_id
        ) as previous_run_id
    from selected_runs
    inner join assigned_runs on selected_runs.run_id = assigned_runs.run_id

),

shared_addresses as (

    select
        runs.run_id,
        runs.previous_run_id,
        members.cluster,
        previous_members.cluster as previous_cluster,
        count(*) as addresses
    from runs
    inner join members on runs.run_id = members.run_id
    inner join members as previous_members
        on
            runs.previous_run_id = previous_members.run_id
            and members.address = previous_members.address
    group by
        runs.run_id,
        runs.previous_run_id,
        members.cluster,
        previous_members.cluster

),

profile_pairs as (

    select
        *,
        sum(addresses) over (partition by run_id, cluster)
            as cluster_addresses,
        sum(addresses) over (partition by run_id, previous_cluster)
            as previous_cluster_addresses
    from shared_addresses

),

profile_overlaps as (

    select
        run_id,
        previous_run_id,
        cluster,
        previous_cluster,
        cast(addresses as {{ type_double() }}) / (
            cluster_addresses + previous_cluster_addresses - addresses
        ) as overlap
    from profile_pairs

)

-- More than half of both together: no cluster can have two such partners.
select * from profile_overlaps
where overlap > 0.5
