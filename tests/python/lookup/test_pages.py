"""Pages answer without a script, escape what they show, and take reviews only from themselves."""

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from html import escape
from pathlib import Path

import duckdb
import pytest

from commands.lookup import charts, shown
from commands.lookup.copies import Copy
from commands.lookup.queries import query
from support.serving import Server, rows

HTML = {"accept": "text/html"}
UNKNOWN = "0x" + 40 * "7"


def page(server: Server, path: str, status: int = 200, **options) -> str:
    response = server.get(path, headers=HTML, **options)
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"].startswith("text/html")
    # The policy allows neither.
    assert not re.search(r"<style|<script(?! src=)| style=| on[a-z]+=\"", response.text)
    return response.text


@pytest.mark.parametrize("path", ["/", "/alerts", "/profiles", "/model", "/docs"])
def test_each_page_answers_and_says_what_data_it_is_of(served: Server, path: str) -> None:
    html = page(served, path)
    assert html.count("<h1>") == 1
    if path != "/docs":
        assert "Simulated data" in html
        assert "Data through" in html


@pytest.mark.parametrize(
    "condition",
    [
        *("risk_tier = 'high'", "state = 'known_scam'", "state = 'known_entity'", "is_contract"),
        *("risk_tier = 'low'", "state = 'too_little_to_tell'"),
    ],
)
def test_an_address_page_holds_what_the_api_says(
    served: Server, serving_copy: Path, condition: str
) -> None:
    [(address,)] = rows(
        serving_copy, f"select min(address) from lookup.addresses where {condition}"
    )
    if address is None:
        pytest.skip(f"the small build has no address where {condition}")
    asked = {"params": {"explain": True}}
    html = page(served, f"/addresses/{address}", **asked)
    answer = served.get(f"/v1/addresses/{address}", **asked).json()
    for part in (answer, answer["profile"]):
        assert f"<dd>{shown.state(part['state'], part['state_reason'])}</dd>" in html
    for sentence in shown.sentences(answer["risk"]["reasons"]):
        assert f"<li>{escape(sentence)}</li>" in html
    for label in answer["labels"]:
        assert label["source"] in html
    for hash_ in answer["risk"]["evidence_transactions"]:
        assert hash_ in html
    # Reasons rest on all transactions, not on these few.
    if answer["risk"]["reasons"]:
        assert "<caption>Its largest transactions</caption>" in html
        assert 'aria-label="Its largest transactions"' in html


def test_a_transfer_to_oneself_is_one_of_the_largest_transactions_once(
    serving_copy: Path, tmp_path: Path
) -> None:
    database = tmp_path / "copy.duckdb"
    shutil.copy(serving_copy, database)
    address, other = "0x" + 40 * "a", "0x" + 40 * "b"
    with duckdb.connect(str(database)) as connection:
        for number, (counterparty, is_outgoing) in enumerate(
            [(address, True), (address, False), (other, True), (other, False)]
        ):
            # The two sides of a transfer to oneself are of one transaction.
            key = max(number, 1)
            connection.execute(
                "insert into lookup.events (address, counterparty, transaction_hash,"
                " transaction_key, value_wei, is_outgoing, block_timestamp)"
                " values (?, ?, ?, ?, 5, ?, timestamp '2020-01-01')",
                [address, counterparty, f"0x{key:064x}", key, is_outgoing],
            )
    copy = Copy(database, "1GB", 1)
    found = copy.rows(query("evidence"), address=address, has_hashes=False, hashes=[])
    copy.close()
    assert [row["transaction_hash"][-1] for row in found] == ["1", "2", "3"]


def test_a_score_of_tier_low_is_explained_by_a_link(served: Server, serving_copy: Path) -> None:
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where risk_tier = 'low'"
    )
    link = 'href="?explain=true"'
    assert link in page(served, f"/addresses/{address}")
    assert link not in page(served, f"/addresses/{address}?explain=true")


def test_the_model_page_shows_figures_that_belong_together(served: Server) -> None:
    html = page(served, "/model")
    answer = served.get("/v1/model").json()
    assert "Shuffled labels" in html
    assert "<dt>Sample</dt>" not in html
    for row in (*answer["policies"], *answer["lead_times"]):
        assert row.get("policy_reason", row.get("state_reason")) in html


def test_figures_of_a_sample_are_called_so(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    copy = tmp_path / serving_copy.name
    shutil.copy(serving_copy, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update marts.scam_model_metrics set unlabelled_sample_percent = 0.05")
    assert "all labelled addresses and 0.05 % of the others" in page(serve(copy=copy), "/model")


def test_unknown_and_malformed_addresses_are_answered_in_words(served: Server) -> None:
    assert "Not scored" in page(served, f"/addresses/{UNKNOWN}")
    assert "names are not resolved" in page(served, "/addresses/vitalik.eth", 422)
    assert "40 hexadecimal digits" in page(served, "/search?q=0x12", 422)
    assert "nothing at this path" in page(served, "/nothing", 404)
    response = served.get(f"/search?q={UNKNOWN.upper().replace('0X', '0x')}")
    assert (response.status_code, response.headers["location"]) == (303, f"/addresses/{UNKNOWN}")


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_is_asked_and_noted_is_escaped(serve: Callable[..., Server], attack: str) -> None:
    server = serve()
    assert attack not in page(server, "/search", 422, params={"q": attack})
    server.service.reviews.add(
        {"address": UNKNOWN, "decision": "disputed", "reviewer": attack[:100], "note": attack}
    )
    assert attack not in page(server, f"/addresses/{UNKNOWN}")


def test_a_review_needs_the_token_of_the_page(serve: Callable[..., Server]) -> None:
    server = serve()
    html = page(server, "/alerts")
    token = re.search(r'name="csrf" value="([^"]+)"', html)[1]
    address = re.search(r'action="/addresses/(0x[0-9a-f]{40})/reviews"', html)[1]
    form = {
        "csrf": token,
        "decision": "confirmed_scam",
        "reviewer": "dana",
        "next": "/alerts?tier=",
    }
    path = f"/addresses/{address}/reviews"
    assert server.post(path, data=form | {"csrf": "x" * 43}).status_code == 403
    assert server.post(path, data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert server.post(path, json=form).status_code == 415
    assert server.post(path, data=form | {"decision": "maybe"}).status_code == 422
    assert address in page(server, "/alerts")
    response = server.post(path, data=form | {"next": "//elsewhere.example/"})
    assert (response.status_code, response.headers["location"]) == (
        *(303, f"/addresses/{address}?stored=true"),
    )
    assert server.post(path, data=form).headers["location"].startswith("/alerts?")
    assert address not in page(server, "/alerts")
    assert "dana" in page(server, f"/addresses/{address}")


def test_enter_in_a_field_of_a_review_decides_nothing(served: Server, serving_copy: Path) -> None:
    """Enter presses the first submit button of a form, and does nothing if that is disabled."""
    [(address,)] = rows(serving_copy, "select min(address) from marts.scam_alert_queue")
    for path in ("/alerts", f"/addresses/{address}", f"/addresses/{UNKNOWN}"):
        forms = re.findall(r'<form action="[^"]+/reviews".*?</form>', page(served, path), re.DOTALL)
        assert forms
        for form in forms:
            first, *decisions = re.findall(r"<button[^>]*>", form)
            assert first == '<button type="submit" disabled hidden>'
            assert len(decisions) == 4
            assert not [button for button in decisions if "disabled" in button]


def test_the_queue_can_be_filtered_sorted_and_paged(served: Server, serving_copy: Path) -> None:
    queue = rows(
        serving_copy,
        "select queue.address from marts.scam_alert_queue as queue"
        " join marts.addresses using (address) order by last_seen_at desc, alert_rank limit 20",
    )
    html = page(served, "/alerts?sort=recent")
    found = re.findall(r'action="/addresses/(0x[0-9a-f]{40})/reviews"', html)
    assert found == [address for (address,) in queue]
    assert "No alert meets this" in page(served, "/alerts?least_probability=1")
    # As the form sends it when its field is emptied.
    html = page(served, "/alerts?tier=&least_probability=&sort=recent")
    assert re.findall(r'action="/addresses/(0x[0-9a-f]{40})/reviews"', html) == found
    for wrong in ("2", "-1", "much"):
        page(served, f"/alerts?least_probability={wrong}", 422)


@pytest.mark.parametrize(
    ("change", "said", "not_said"),
    [
        ("is_simulated = false, data_through = now() - interval 9 day", "9 days ago", "Simulated"),
        ("is_simulated = false, data_through = now()", "Data through", "Old data"),
        ("is_simulated = false, addresses = 0", "holds no address", "Old data"),
    ],
)
def test_old_empty_and_simulated_data_are_told_apart(
    serve: Callable[..., Server],
    serving_copy: Path,
    tmp_path: Path,
    change: str,
    said: str,
    not_said: str,
) -> None:
    other = Path(shutil.copy(serving_copy, tmp_path / "other.duckdb"))
    with duckdb.connect(str(other)) as connection:
        connection.execute(f"update lookup.origin set {change}")
    html = page(serve(copy=other), "/")
    assert said in html
    assert not_said not in html


@pytest.mark.parametrize(
    ("state", "reason", "text"),
    [
        ("known_entity", "entity: exchange_deposit", "Known entity: exchange deposit"),
        (
            "known_entity",
            "entity: token, known from chain data",
            "Known entity: token, known from chain data",
        ),
        ("known_scam", "reported as a scam", "Known scam: reported as a scam"),
        ("not_eligible", "ether_balance below 1 ETH", "Not eligible: ether balance below 1 ETH"),
        ("entity", "nft_contract", "Entity: nft contract"),
    ],
)
def test_a_state_is_a_sentence_for_people(state: str, reason: str, text: str) -> None:
    assert shown.state(state, reason) == text


@pytest.mark.parametrize(
    ("filter_name", "value", "text"),
    [
        ("number", 99.96, "100"),
        ("number", 999.4, "999"),
        ("number", 999.6, "1,000"),
        ("number", -999.6, "-1,000"),
        ("ether", 999_700_000_000_000_000_000, "1,000 ETH"),
        ("number", 0.00001234, "0.0000123"),
        ("number", 1e-18, "0.000000000000000001"),
        ("ether", 1, "1 wei"),
        ("ether", 1_500_000_000_000, "0.0000015 ETH"),
        ("percent", 0.0, "0 %"),
        ("percent", 0.0006, "0.06 %"),
        ("percent", 0.0123, "1.2 %"),
        ("percent", 0.00004, "less than 0.01 %"),
        ("percent", 0.0003, "0.03 %"),
        ("percent", 0.1, "10 %"),
        ("percent", 0.9999, "more than 99.9 %"),
        ("duration", 1, "1 second"),
        ("duration", 2, "2 seconds"),
        ("duration", 129_600, "2 days"),
    ],
)
def test_figures_are_rounded_without_changing_what_they_say(
    filter_name: str, value: float, text: str
) -> None:
    assert getattr(shown, filter_name)(value) == text


def test_no_page_of_an_address_repeats_its_state_or_names_a_column(
    served: Server, serving_copy: Path
) -> None:
    states = rows(
        serving_copy,
        "select min(address) from lookup.addresses group by state, state_reason, profile_state",
    )
    for (address,) in states:
        html = page(served, f"/addresses/{address}")
        for said in re.findall(r"<dt>State</dt><dd>(.*?)</dd>", html):
            assert "entity: entity" not in said
            assert "_" not in said


def test_reasons_are_split_where_a_sentence_ends() -> None:
    text = "Received 1.5 ETH at most (median 0.3 ETH). 3 % of it left. Has about 2. Pauses 1 day."
    found = shown.sentences(text)
    assert len(found) == 4
    assert found[1] == "3\N{NO-BREAK SPACE}% of it left."
    assert " ".join(found).replace("\N{NO-BREAK SPACE}", " ") == text
    assert shown.sentences(None) == []


@pytest.mark.parametrize(("span", "unit", "bars"), [(62, "day", 2), (63, "month", 2)])
def test_activity_is_shown_by_day_or_by_month(span: int, unit: str, bars: int) -> None:
    start = date(2024, 1, 30)
    days = [
        {"event_date": start + timedelta(days=days), "incoming_count": 2, "outgoing_count": days}
        for days in (0, span)
    ]
    activity = shown.periods(days)
    assert (activity["unit"], len(activity["bars"])) == (unit, bars)
    assert sum(bar["incoming_count"] + bar["outgoing_count"] for bar in activity["bars"]) == (
        4 + span
    )
    assert f"{4 + span:,} in all" in charts.activity(**activity)
