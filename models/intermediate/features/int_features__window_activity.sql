with

activity as (

    {{ merged_activity(only_changed=false) }}

)

select * from activity
