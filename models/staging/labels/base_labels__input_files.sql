with

entries as (

    {{ input_entries(label_file_entries()) }}

)

select * from entries
