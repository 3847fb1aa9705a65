"""What the docs promise for each kind of address, in JSON and on the page."""

import html
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from support.serving import Server, rows

UNKNOWN = "0x" + 40 * "7"
HTML = {"accept": "text/html"}

# What was asked: the code, and what the page says.
WRONG = {
    "0x12": ("wrong_length", "This has 2 digits"),
    "0x" + 41 * "a": ("wrong_length", "This has 41 digits"),
    40 * "a": ("no_prefix", "Put 0x before these 40 digits"),
    "0x" + 39 * "a" + "g": ("not_hexadecimal", "other characters"),
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed": ("bad_checksum", "probably mistyped"),
    "vitalik.eth": ("name_not_resolved", "names are not resolved here"),
    "0x" + 64 * "a": ("transaction_hash", "the hash of a transaction"),
}

# How the address is found: its state in JSON, and what the page says of it.
KNOWN = {
    "risk_tier = 'high' and is_alert": ("scored", "Clean queue (block)"),
    "risk_tier = 'low'": ("scored", "Under no policy"),
    "label_state = 'scam'": ("known_scam", "reported as a scam"),
    "label_state = 'external_scam'": ("known_scam", "on an external scam list"),
    "state = 'known_entity' and entity_category = 'exchange'": ("known_entity", "exchange"),
    "is_token": ("known_entity", "Token contract"),
    "is_contract and not is_token": (None, "Contract"),
    "state = 'too_little_to_tell'": ("too_little_to_tell", "3 are needed"),
    "state = 'not_scored'": ("not_scored", "Not scored"),
}


@pytest.mark.parametrize("asked", WRONG)
def test_what_is_no_address_is_named(served: Server, asked: str) -> None:
    code, said = WRONG[asked]
    response = served.get(f"/v1/addresses/{asked}")
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert said in response.json()["detail"]
    for path in (f"/addresses/{asked}", f"/search?q={asked}"):
        shown = served.get(path, headers=HTML)
        assert shown.status_code == 422
        assert said in html.unescape(shown.text)
        assert 'role="alert"' in shown.text


@pytest.mark.parametrize("condition", KNOWN)
def test_each_kind_of_address_has_its_answer(
    served: Server, serving_copy: Path, condition: str
) -> None:
    state, said = KNOWN[condition]
    [(address,)] = rows(
        serving_copy, f"select min(address) from lookup.addresses where {condition}"
    )
    assert address is not None, f"no address of the small build where {condition}"
    answer = served.get(f"/v1/addresses/{address}").json()
    assert state in (None, answer["state"])
    assert (answer["state_code"], answer["computed_on_request"]) == (None, False)
    if answer["state"].startswith("known_") or answer["risk"]["tier"] is None:
        assert answer["risk"]["policy"] is None
    shown = html.unescape(served.get(f"/addresses/{address}", headers=HTML).text)
    assert said in shown
    assert answer["state_reason"].replace("_", " ") in shown


def test_an_address_without_data_is_not_scored(served: Server) -> None:
    answer = served.get(f"/v1/addresses/{UNKNOWN}").json()
    assert (answer["state"], answer["state_code"]) == ("not_scored", "no_data")
    shown = served.get(f"/addresses/{UNKNOWN}", headers=HTML).text
    assert answer["state_reason"] in html.unescape(shown)


@pytest.mark.parametrize("state", ["stale", "not_scored"])
def test_what_waits_is_computed_alone_and_told_in_a_batch(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path, state: str
) -> None:
    waiting = Path(shutil.copy(serving_copy, tmp_path / "waiting.duckdb"))
    address, other = (
        address
        for (address,) in rows(
            serving_copy,
            "select address from lookup.addresses where state = 'scored' order by 1 limit 2",
        )
    )
    with duckdb.connect(str(waiting)) as connection:
        connection.execute(
            "update lookup.addresses set state = ?, state_reason = 'waits for the next scoring run'"
            " where address = ?",
            [state, address],
        )
    server = serve(copy=waiting)
    alone = server.get(f"/v1/addresses/{address}").json()
    assert (alone["state"], alone["state_code"]) == ("scored", None)
    assert alone["computed_on_request"] is True
    assert "computed on request" in server.get(f"/addresses/{address}", headers=HTML).text
    batch = server.post("/v1/addresses/batch", json={"addresses": [address, other]}).json()
    assert batch["waits_for_build"] == [address]
    assert [
        (answer["state"], answer["state_code"], answer["computed_on_request"])
        for answer in batch["addresses"]
    ] == [(state, "waits_for_build", False), ("scored", None, False)]
