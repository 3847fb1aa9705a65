-- One more row says that balances are reported at all.
(
    select * from copy.scoring.stg_chain__balances
    where
        address in (select address from request.subjects)
        and address not in (select address from request.added_balances)
)

union all

(
    select * from copy.scoring.stg_chain__balances
    where address not in (select address from request.subjects)
    limit 1
)

union all

select * from request.added_balances
