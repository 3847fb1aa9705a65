"""An address computed on request has the numbers of the build."""

import math
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from commands.lookup import schemas
from commands.lookup.copies import Copy
from commands.lookup.problems import Problem
from commands.lookup.scoring.engine import Scorer, python_model
from commands.lookup.scoring.given import FLAGS, LARGEST, given
from support import PROJECT_DIRECTORY
from support.macros import macros_of
from support.serving import Server, bi_copy, rows

NEW = "0x" + 40 * "7"
STORED = (
    *("run_id", "state", "state_reason", "risk_tier", "score", "scam_probability", "reasons"),
    *("reason_codes", "profile_run_id", "profile_state", "profile_state_reason", "profile"),
    *("second_profile", "profile_confidence", "label_state", "entity_category", "is_contract"),
    *("first_seen_at", "last_seen_at", "is_allow_listed", "is_alert"),
)
# A build explains the tiers high and medium only.
REASONS = ("reasons", "reason_codes")


def is_same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-300)
    return one == other


def differences(path: Path) -> tuple[list[tuple], dict[str, dict]]:
    """Compute 200 addresses of a copy; returns what differs from the build, and what was found."""
    copy = Copy(path, "2GB", 2)
    connection = copy.connection()
    marts = duckdb.connect(str(bi_copy(path)), read_only=True)
    addresses = [
        address
        for (address,) in connection.execute(
            "select address from lookup.addresses where score is not null"
            " order by row_number() over (partition by state, risk_tier order by md5(address)),"
            " state, risk_tier limit 200"
        ).fetchall()
    ]
    assert len(addresses) == 200
    computed = Scorer(copy).answers(copy, addresses, features=True)
    different = []
    for address in addresses:
        stored = connection.execute(
            f"select {', '.join(STORED)} from lookup.addresses where address = ?", [address]
        ).fetchone()
        found = computed[address]
        different += [
            (address, name, value, found[name])
            for name, value in zip(STORED, stored, strict=True)
            if not is_same(value, found[name])
            and not (name in REASONS and found["risk_tier"] == "low" and value is None)
        ]
        result = marts.execute(
            "select * from marts.address_window_features"
            " where window_name = 'lifetime' and address = ?",
            [address],
        )
        names = [column[0] for column in result.description]
        different += [
            (address, name, value, found["features"][name])
            for name, value in zip(names, result.fetchone(), strict=True)
            if not is_same(value, found["features"][name])
        ]
    marts.close()
    copy.close()
    return different, computed


@pytest.mark.parametrize("copy", ["serving_copy", "real_copy"])
def test_two_hundred_addresses_have_every_number_of_the_build(
    request: pytest.FixtureRequest, copy: str
) -> None:
    different, computed = differences(request.getfixturevalue(copy))
    assert different == []
    tiers = {row["risk_tier"] for row in computed.values()}
    assert "low" in tiers
    assert tiers & {"high", "medium"}
    assert all(row["reasons"] for row in computed.values() if row["risk_tier"])


def in_public_columns(row: tuple, address: str) -> dict:
    hash_, block, index, time, other, value, is_outgoing, is_failed = row
    sender, recipient = (address, other) if is_outgoing else (other, address)
    return {
        "hash": hash_,
        "from_address": sender,
        "to_address": recipient,
        "value": str(value),
        "block_timestamp": f"{time:%Y-%m-%d %H:%M:%S} UTC",
        "block_number": block,
        "transaction_index": index,
        "receipt_status": 0 if is_failed else 1,
    }


def as_an_explorer_lists_it(row: dict) -> dict:
    names = {
        "from_address": "from",
        "to_address": "to",
        "block_number": "blockNumber",
        "transaction_index": "transactionIndex",
        "receipt_status": "txreceipt_status",
        "block_timestamp": "timeStamp",
    }
    return {
        names.get(name, name): "" if value is None else str(value) for name, value in row.items()
    }


@pytest.mark.parametrize("layout", ["public", "explorer"])
def test_transactions_that_are_in_the_data_already_change_nothing(
    served: Server, serving_copy: Path, layout: str
) -> None:
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where state = 'scored'"
    )
    stored = served.get(f"/v1/addresses/{address}", params={"explain": True}).json()
    transactions = [
        in_public_columns(row, address)
        for row in rows(
            serving_copy,
            "select transaction_hash, block_number, transaction_index, block_timestamp,"
            " counterparty, value_wei, is_outgoing, is_failed from lookup.events"
            f" where address = '{address}'",
        )
    ]
    if layout == "explorer":
        transactions = [as_an_explorer_lists_it(row) for row in transactions]
    response = served.post(
        "/v1/addresses/score", json={"address": address, "transactions": transactions}
    )
    assert response.status_code == 200, response.text
    schemas.AddressAnswer.model_validate_json(response.content)
    computed = response.json()
    assert computed.pop("computed_on_request") is True
    stored.pop("computed_on_request")
    for body in (computed, stored):
        body["risk"].pop("scored_at")
        body["profile"].pop("assigned_at")
    assert is_same(computed, stored), (computed, stored)


def one_transaction(number: int, **more: object) -> dict:
    return {
        "hash": f"0x{number:064x}",
        "from": "0x" + 40 * "b",
        "to": NEW,
        "value": "2000000000000000000",
        "timeStamp": str(1_700_000_000 + 3600 * number),
        **more,
    }


def test_a_new_address_is_scored_and_what_is_absent_is_said(served: Server) -> None:
    body = {"address": NEW, "transactions": [one_transaction(n) for n in range(5)]}
    answer = served.post("/v1/addresses/score", json=body).json()
    assert (answer["state"], answer["computed_on_request"]) == ("scored", True)
    assert 0 < answer["risk"]["scam_probability"] < 1
    assert answer["profile"]["state"] == "not_scored"
    assert "needs the balance and the token transfers" in answer["profile"]["state_reason"]
    whole = body | {"token_transfers": [], "balance_wei": "5000000000000000000"}
    answer = served.post("/v1/addresses/score", json=whole).json()
    assert (answer["profile"]["state"], bool(answer["profile"]["profile"])) == ("profiled", True)
    assert served.get(f"/v1/addresses/{NEW}").json()["state"] == "not_scored"


def test_a_model_is_told_of_the_scams_that_a_request_deals_with(
    served: Server, serving_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(scam,)] = rows(serving_copy, "select min(address) from scoring.int_scam_training__addresses")
    module = python_model("scam_raw_scores")
    score, told = module.score_batches, []

    def noted(fitted: object, inputs: object, *more: object) -> object:
        told.extend(inputs.to_dict("records"))
        return score(fitted, inputs, *more)

    monkeypatch.setattr(module, "score_batches", noted)
    sent = [one_transaction(number, to=scam, **{"from": NEW}) for number in range(4)]
    received = [one_transaction(number + 4) for number in range(2)]
    body = {"address": NEW, "transactions": sent + received}
    response = served.post("/v1/addresses/score", json=body)
    assert response.json()["state"] == "scored", response.text
    [inputs] = told
    assert (inputs["sent_to_scam_count"], inputs["received_from_scam_count"]) == (4, 0)
    assert inputs["scam_counterparty_share"] == 0.5
    assert inputs["sent_to_scam_value_share"] == 1


def test_one_transaction_is_too_little_to_tell(served: Server) -> None:
    body = {"address": NEW, "transactions": [one_transaction(1)]}
    response = served.post("/v1/addresses/score", json=body)
    schemas.AddressAnswer.model_validate_json(response.content)
    answer = response.json()
    assert answer["state"] == "too_little_to_tell"
    assert answer["state_reason"].startswith("1 event so far")
    risk = answer["risk"]
    assert [risk[name] for name in ("tier", "policy", "score", "scam_probability", "reasons")] == (
        5 * [None]
    )
    assert risk["is_alert"] is False


def test_a_score_that_the_build_did_not_explain_is_explained_when_asked(
    served: Server, serving_copy: Path
) -> None:
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where risk_tier = 'low'"
    )
    stored = served.get(f"/v1/addresses/{address}").json()
    assert (stored["risk"]["reasons"], stored["risk"]["reason_codes"]) == (None, [])
    response = served.get(f"/v1/addresses/{address}", params={"explain": True})
    explained = response.json()
    assert explained["risk"].pop("reasons")
    assert explained["risk"].pop("reason_codes")
    for name in ("reasons", "reason_codes"):
        stored["risk"].pop(name)
    assert is_same(explained, stored), (explained, stored)


def test_no_transactions_are_no_score(served: Server) -> None:
    answer = served.post("/v1/addresses/score", json={"address": NEW, "transactions": []}).json()
    assert answer["state"] == "not_scored"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"hash": "0x12"}, "transactions[0].hash"),
        ({"value": "1.5"}, "transactions[0].value"),
        ({"value": ""}, "transactions[0].value"),
        ({"value": "-1"}, "transactions[0].value"),
        ({"value": "1e999999999"}, "transactions[0].value"),
        ({"value": str(2 * 10**37)}, "transactions[0].value"),
        ({"gasUsed": "21000", "gasPrice": str(2**62)}, "transactions[0].gas_price"),
        ({"value": True}, "transactions[0].value"),
        ({"value": "1_000"}, "transactions[0].value"),
        ({"value": "0x1_0"}, "transactions[0].value"),
        ({"value": "\N{ARABIC-INDIC DIGIT FIVE}"}, "transactions[0].value"),
        ({"value": "NaN"}, "transactions[0].value"),
        ({"value": [5]}, "transactions[0].value"),
        ({"blockNumber": True}, "transactions[0].block_number"),
        *(
            ({"timeStamp": time}, "transactions[0].block_timestamp")
            for time in (
                *("yesterday", "20201105", "2020-W45-4", "2020-310", "2020-11-05T18"),
                *("2020-11-05x18:13:20", "2020-11-05 18:13:20,5", "2020-13-05", True),
                "\N{FULLWIDTH DIGIT ONE}604600000",
            )
        ),
        ({"timeStamp": "4000000000"}, "transactions[0].block_timestamp"),
        ({"from": "0xabc"}, "transactions[0].from"),
        ({"receipt_status": "reverted"}, "transactions[0].status"),
        ({"isError": "2"}, "transactions[0].is_error"),
    ],
)
def test_a_wrong_row_is_named(served: Server, change: dict, place: str) -> None:
    response = served.post(
        "/v1/addresses/score", json={"address": NEW, "transactions": [one_transaction(1, **change)]}
    )
    assert (response.status_code, response.json()["code"]) == (422, "bad_row")
    assert response.json()["detail"].startswith(place)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        *(
            (change, "has no `receipt_status` but")
            for change in (
                *({"status": "0x0"}, {"success": False}, {"IsError": "1"}, {"error": "reverted"}),
                *({"revert_reason": "no"}, {"receipt": {"status": "0x0"}}),
                {"receipt_status": None, "status": "0x0"},
            )
        ),
        ({"gas_used": "21000"}, "has no `receipt_gas_used` but `gas_used`"),
        ({"creates": NEW}, "has no `receipt_contract_address` but `creates`"),
        *(
            ({name: "USDC"}, "It seems to be of token transfers.")
            for name in ("tokenSymbol", "token_symbol", "tokenDecimal", "logIndex")
        ),
        ({"asset": "ETH", "value": 2}, "transfers of ETH and of tokens in one list"),
        ({"errCode": "", "type": "call"}, "internal transactions"),
        ({"type": "CALL"}, "has call in `type`"),
        ({"chainId": "0x89"}, "another network"),
        ({"network": "polygon"}, "another network"),
        ({"value": "2.000000000000000000"}, "has the decimals of ether"),
    ],
)
def test_a_row_that_a_build_refuses_is_refused(change: dict, what: str) -> None:
    rows_given = [one_transaction(1), one_transaction(2, **change)]
    with pytest.raises(Problem, match=r"^transactions\[1\]") as refused:
        given(rows_given, None, None)
    assert what in refused.value.detail


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"event_index": "4"}, "has no `log_index` but `event_index`"),
        ({"amount_raw": "4"}, "has no `value` but `amount_raw`"),
        ({"chain_id": 10}, "another network"),
    ],
)
def test_a_token_transfer_that_a_build_refuses_is_refused(change: dict, what: str) -> None:
    transfer = {
        **{"hash": f"0x{1:064x}", "contractAddress": "0x" + 40 * "d", "timeStamp": "1604600000"},
        **dict.fromkeys(("from", "to"), NEW),
    }
    with pytest.raises(Problem, match=r"^token_transfers\[0\]") as refused:
        given([], [transfer | change], None)
    assert what in refused.value.detail


@pytest.mark.parametrize(
    "more",
    [
        # A block explorer's list, a node's own columns, and those of a provider.
        {"isError": "0", "txreceipt_status": "1", "contractAddress": "", "methodId": "0x"},
        {"isError": "0", "status": "0x0", "type": "0x2", "chainId": "0x1", "creates": None},
        {"receipt_status": "1", "category": "send", "logs": [], "error": ""},
    ],
)
def test_a_row_may_say_more_than_is_read(more: dict) -> None:
    (transaction,) = given([one_transaction(1, **more)], None, None).transactions
    assert not transaction["is_failed"]


@pytest.mark.parametrize("digit", ["0", "e", "E"])
def test_ether_among_token_transfers_is_refused_as_in_a_build(digit: str) -> None:
    transfer = {
        **dict.fromkeys(("from_address", "to_address"), "0x" + 40 * "c"),
        "token_address": "0x" + 40 * digit,
        "transaction_hash": f"0x{1:064x}",
        "value": "5",
        "block_timestamp": "1604600000",
    }
    with pytest.raises(Problem, match=r"token_transfers\[0\].token_address is ether, not a token"):
        given([], [transfer], None)


@pytest.mark.parametrize("balance", [True, "1_000", "1.5", [5], {"wei": 5}, "five"])
def test_a_balance_that_is_no_number_is_named(served: Server, balance: object) -> None:
    body = {"address": NEW, "transactions": [], "balance_wei": balance}
    response = served.post("/v1/addresses/score", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "bad_row")
    assert response.json()["detail"].startswith("balance_wei")


@pytest.mark.parametrize("number", [16, 16.0, "16", " 16 ", "16.0", "1.6e1", "0x10"])
def test_numbers_are_read_in_every_documented_form(number: object) -> None:
    (transaction,) = given([one_transaction(1, value=number)], None, number).transactions
    assert transaction["value_wei"] == 16


@pytest.mark.parametrize(
    "time",
    [
        *(1604600000, "1604600000", "2020-11-05 18:13:20", "2020-11-05T18:13:20Z"),
        *("2020-11-05 18:13:20 UTC", "2020-11-05 19:13:20+01:00", "2020-11-05 18:13:20.000+00"),
    ],
)
def test_times_are_read_in_every_documented_form(time: object) -> None:
    (transaction,) = given([one_transaction(1, timeStamp=time)], None, None).transactions
    assert transaction["block_timestamp"] == datetime(2020, 11, 5, 18, 13, 20)


@pytest.mark.parametrize(
    ("change", "is_failed"),
    [
        ({"receipt_status": status}, is_failed)
        for status, is_failed in [
            *((word, True) for word in (0, "0", "0x0", "0.0", False, "false", " Failed ")),
            *((word, False) for word in (1, "1", "0x1", True, "TRUE", "success", "", None)),
        ]
    ]
    + [
        ({"receipt_status": "", "isError": error}, is_failed)
        for error, is_failed in [
            ("1", True),
            (True, True),
            ("0x1", True),
            ("0", False),
            ("", False),
        ]
    ],
)
def test_a_failed_transaction_moves_no_ether_however_its_status_is_spelled(
    change: dict, is_failed: bool
) -> None:
    (transaction,) = given([one_transaction(1, value="5", **change)], None, None).transactions
    assert (transaction["is_failed"], transaction["value_wei"]) == (is_failed, 5 - 5 * is_failed)


def test_words_for_success_and_failure_are_those_of_a_build() -> None:
    macro = (PROJECT_DIRECTORY / "macros/engine/parsing.sql").read_text()
    macro = macro.split("macro flag_of_text", 1)[1].split("endmacro", 1)[0]
    lists = re.findall(r"is_one_of\(\s*text, \[(.*?)\]", macro, re.DOTALL)
    yes, no = (re.findall(r"'(\w+)'", words) for words in lists)
    words = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
    assert words | {"1": True, "0x1": True, "0": False, "0x0": False} == FLAGS


@pytest.mark.parametrize(
    ("hours", "is_possible"), [(-1, True), (23, True), (25, False), (24 * 365, False)]
)
def test_a_time_lies_at_most_a_day_ahead_as_in_a_build(hours: int, is_possible: bool) -> None:
    time = datetime.now(UTC) + timedelta(hours=hours)
    transaction = one_transaction(1, timeStamp=str(int(time.timestamp())))
    token_transfer = {
        **dict.fromkeys(("token_address", "from_address", "to_address"), "0x" + 40 * "c"),
        "transaction_hash": transaction["hash"],
        "block_timestamp": f"{time:%Y-%m-%d %H:%M:%S} UTC",
    }
    for brought in (([transaction], None), ([], [token_transfer])):
        if is_possible:
            given(*brought, None)
        else:
            with pytest.raises(Problem, match="more than a day ahead"):
                given(*brought, None)


def test_the_largest_numbers_of_a_request_are_those_of_a_build(served: Server) -> None:
    largest = macros_of(PROJECT_DIRECTORY / "macros/inputs/rejections.sql")["largest"]
    shared = set(LARGEST) - {"token_value"}
    assert {name: LARGEST[name] for name in shared} == {name: largest(name) for name in shared}
    row = {"value": str(LARGEST["wei"]), "gasUsed": LARGEST["gas"]}
    row |= {"gasPrice": str(LARGEST["gas_price"])}
    sides = ({}, {"from": NEW, "to": "0x" + 40 * "b"})
    transactions = [one_transaction(n, **row, **sides[n % 2]) for n in range(1000)]
    response = served.post(
        "/v1/addresses/score",
        json={"address": NEW, "transactions": transactions, "balance_wei": row["value"]},
    )
    assert (response.status_code, response.json()["state"]) == (200, "scored"), response.text


def test_an_address_that_waits_for_the_next_run_is_computed_when_asked_for(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    waiting = Path(shutil.copy(serving_copy, tmp_path / "waiting.duckdb"))
    [(address,)] = rows(
        serving_copy, "select max(address) from lookup.addresses where state = 'scored'"
    )
    expected = serve().get(f"/v1/addresses/{address}", params={"explain": True}).json()
    with duckdb.connect(str(waiting)) as connection:
        connection.execute(
            "update lookup.addresses set state = 'not_scored', score = null, risk_tier = null,"
            " scam_probability = null, reasons = null, reason_codes = null,"
            " state_reason = 'waits for the next scoring run' where address = ?",
            [address],
        )
    server = serve(copy=waiting, reviews_url=f"sqlite:///{tmp_path}/other.sqlite")
    found = server.get(f"/v1/addresses/{address}").json()
    assert found.pop("computed_on_request") is True
    expected.pop("computed_on_request")
    for body in (found, expected):
        body["risk"].pop("scored_at")
        body["profile"].pop("assigned_at")
    assert is_same(found, expected), (found, expected)


def test_a_new_score_below_the_thresholds_has_no_place_in_the_queue(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    stale = Path(shutil.copy(serving_copy, tmp_path / "stale.duckdb"))
    alert, low = (
        rows(serving_copy, f"select min(address) from lookup.addresses where {condition}")[0][0]
        for condition in ("alert_rank is not null", "risk_tier = 'low' and state = 'scored'")
    )
    with duckdb.connect(str(stale)) as connection:
        # As of the old score both were alerts, and only one of them still is.
        connection.execute(
            "update lookup.addresses set state = 'stale', risk_tier = 'high', is_alert = true,"
            " alert_rank = 7, evidence_transactions = ? where address in (?, ?)",
            ["0x" + 64 * "e", alert, low],
        )
    server = serve(copy=stale)
    for address, rank, evidence in ((alert, 7, 1), (low, None, 0)):
        body = {"address": address, "transactions": []}
        for answer in (
            server.get(f"/v1/addresses/{address}").json(),
            server.post("/v1/addresses/score", json=body).json(),
        ):
            risk = answer["risk"]
            assert answer["computed_on_request"] is True
            assert risk["is_alert"] == (rank is not None)
            assert risk["alert_rank"] == rank
            assert len(risk["evidence_transactions"]) == evidence


def token_transfers(copy: Path, address: str) -> list[dict]:
    """Token transfers of an address as crypto_ethereum has them, all of known transactions."""
    found = rows(
        copy,
        f"""
        select distinct
            events.transaction_hash,
            tokens.address,
            senders.address,
            recipients.address,
            transfers.value_number,
            transfers.log_index,
            transfers.block_timestamp
        from scoring.int_events__token_transfers as transfers
        join lookup.events using (transaction_key)
        join scoring.int_addresses__keys as tokens
            on transfers.token_address_key = tokens.address_key
        join scoring.int_addresses__keys as senders
            on transfers.from_address_key = senders.address_key
        join scoring.int_addresses__keys as recipients
            on transfers.to_address_key = recipients.address_key
        where '{address}' in (senders.address, recipients.address)
        order by all
        """,
    )
    names = ("transaction_hash", "token_address", "from_address", "to_address")
    return [
        dict(zip(names, row[:4], strict=True))
        | {"value": str(int(row[4])), "log_index": row[5], "block_timestamp": f"{row[6]} UTC"}
        for row in found
    ]


@pytest.fixture(scope="module")
def token_holder(serving_copy: Path) -> tuple[str, list[dict]]:
    """A scored address all of whose token transfers can be brought again, and these."""
    candidates = rows(
        serving_copy,
        "select address from marts.address_features join lookup.addresses using (address)"
        " where token_sent_count + token_received_count >= 2 and state = 'scored'"
        " order by token_sent_count + token_received_count, address",
    )
    for (address,) in candidates:
        transfers = token_transfers(serving_copy, address)
        [(count,)] = rows(
            serving_copy,
            "select token_sent_count + token_received_count from marts.address_features"
            f" where address = '{address}'",
        )
        if len(transfers) == count:
            return address, transfers
    pytest.fail("no address of the small build has token transfers of known transactions only")


def counted(copy: Path, address: str, transfers: list[dict]) -> int:
    opened = Copy(copy, "1GB", 2)
    try:
        brought = given([], transfers, None)
        found = Scorer(opened).answers(opened, [address], brought, features=True)
    finally:
        opened.close()
    features = found[address]["features"]
    return features["token_sent_count"] + features["token_received_count"]


def without_index(transfer: dict) -> dict:
    return {name: value for name, value in transfer.items() if name != "log_index"}


def test_token_transfers_are_merged_with_those_of_the_data(
    serving_copy: Path, token_holder: tuple[str, list[dict]]
) -> None:
    address, known = token_holder
    other_log = known[0] | {"log_index": 100_000}
    # Without a log index, equal transfers are different ones.
    unnumbered = without_index(known[0])
    for brought, new in (
        (known, 0),
        ([without_index(transfer) for transfer in known], 0),
        ([*known, other_log], 1),
        ([other_log, other_log], 1),
        ([unnumbered, unnumbered], 1),
    ):
        assert counted(serving_copy, address, brought) == len(known) + new


def test_transactions_of_another_address_are_refused(served: Server) -> None:
    """A wallet that mixes up addresses must not read "nothing known"."""
    other, another = "0x" + 40 * "8", "0x" + 40 * "9"
    row = {"hash": "0x" + 64 * "a", "value": "1", "timeStamp": "1604600000"}
    for sides in ({"from": other, "to": another}, {"from": another, "to": other}):
        body = {"address": NEW, "transactions": [row | sides]}
        response = served.post("/v1/addresses/score", json=body)
        assert (response.status_code, response.json()["code"]) == (422, "bad_row")
        assert "0xaaa" in response.json()["detail"]
    token = dict.fromkeys(("token_address", "from_address"), other) | {"to_address": another}
    body = {"address": NEW, "transactions": [], "token_transfers": [row | token]}
    response = served.post("/v1/addresses/score", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "bad_row")
    assert "token transfer 0xaaa" in response.json()["detail"]


@pytest.mark.parametrize("column", ["receipt_contract_address", "contractAddress"])
@pytest.mark.parametrize(
    ("named", "status", "is_accepted", "is_contract"),
    [
        (NEW, "1", True, True),
        (NEW.upper().replace("0X", "0x"), "1", True, True),
        (NEW, "0", True, False),
        # It may have created the address.
        ("", "1", True, False),
        (None, "1", True, False),
        ("0x" + 40 * "9", "1", False, None),
        ("0x12", "1", False, None),
    ],
)
def test_a_creation_makes_the_address_that_it_names_a_contract(
    served: Server,
    column: str,
    named: str | None,
    status: str,
    is_accepted: bool,
    is_contract: bool,
) -> None:
    creation = one_transaction(0, to="", value="0", txreceipt_status=status) | {column: named}
    transactions = [creation, *(one_transaction(n) for n in range(1, 5))]
    for more in ({}, {"token_transfers": [], "balance_wei": "5000000000000000000"}):
        body = {"address": NEW, "transactions": transactions, **more}
        response = served.post("/v1/addresses/score", json=body)
        if not is_accepted:
            assert (response.status_code, response.json()["code"]) == (422, "bad_row")
            continue
        answer = response.json()
        assert answer["known"]["is_contract"] == is_contract
        if is_contract:
            assert (answer["profile"]["state"], answer["profile"]["profile"]) == ("entity", None)
            assert "contract" in answer["profile"]["state_reason"]
        else:
            assert answer["profile"]["state"] == ("profiled" if more else "not_scored")


def test_a_known_contract_stays_one_whatever_a_request_names(
    served: Server, serving_copy: Path
) -> None:
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where is_contract and not is_token"
    )
    creation = one_transaction(0, to="", value="0", contractAddress=address)
    body = {"address": address, "transactions": [creation]}
    answer = served.post("/v1/addresses/score", json=body).json()
    stored = served.get(f"/v1/addresses/{address}").json()
    assert answer["known"] == stored["known"]
    assert answer["profile"]["state"] == stored["profile"]["state"] == "entity"
