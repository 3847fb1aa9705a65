"""JSON as documented: states for what is unknown, problems for what is wrong, pages that add up."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from commands.lookup import answers, schemas
from support.serving import Server, bi_copy, rows

UNKNOWN = "0x" + 40 * "7"


def one(copy: Path, condition: str) -> str:
    [(address,)] = rows(copy, f"select min(address) from lookup.addresses where {condition}")
    if address is None:
        pytest.skip(f"the small build has no address where {condition}")
    return address


def checked(model: type[BaseModel], response) -> dict:
    assert response.status_code in (200, 201), response.text
    model.model_validate_json(response.content)
    body = response.json()
    assert {"data_through", "run_id", "state"} <= body.keys()
    return body


CONDITIONS = {
    "scored": "state = 'scored' and risk_tier is not null",
    "known_scam": "state = 'known_scam'",
    "known_entity": "state = 'known_entity'",
    "not_scored": "state = 'not_scored'",
    "too_little_to_tell": "state = 'too_little_to_tell'",
    "alert": "is_alert",
    "contract": "is_contract",
    "labelled": "labels is not null",
    "profiled": "profile is not null",
}


@pytest.mark.parametrize("kind", CONDITIONS)
def test_a_stored_address_answers_what_the_marts_hold(
    served: Server, serving_copy: Path, kind: str
) -> None:
    address = one(serving_copy, CONDITIONS[kind])
    body = checked(schemas.AddressAnswer, served.get(f"/v1/addresses/{address}"))
    [stored] = rows(
        bi_copy(serving_copy),
        "select scores.state, scores.risk_tier, scores.scam_probability, scores.is_alert,"
        " profiles.profile, addresses.label_state from marts.addresses"
        " left join marts.scam_scores as scores using (address)"
        " left join marts.investor_profiles as profiles using (address)"
        f" where address = '{address}'",
    )
    assert stored == (
        body["state"],
        body["risk"]["tier"],
        body["risk"]["scam_probability"],
        body["risk"]["is_alert"],
        body["profile"]["profile"],
        body["known"]["label_state"],
    )
    labels = rows(
        bi_copy(serving_copy),
        f"select count(*) from marts.address_labels where address = '{address}'",
    )
    assert labels == [(len(body["labels"]),)]


def test_an_unknown_address_is_a_state_with_its_reason(served: Server) -> None:
    body = checked(schemas.AddressAnswer, served.get(f"/v1/addresses/{UNKNOWN}"))
    assert (body["state"], body["risk"]["policy"], body["labels"]) == ("not_scored", None, [])
    assert "no transaction" in body["state_reason"]


@pytest.mark.parametrize(
    ("tier", "is_alert", "policy"),
    [
        ("high", True, "clean_queue"),
        ("medium", True, "wide_net"),
        ("low", False, "none"),
        # Labelled benign: no alert, whatever its score.
        ("high", False, "none"),
        # Scored by a run that could choose no thresholds.
        (None, False, None),
    ],
)
def test_the_policy_is_that_of_the_queue_an_address_is_in(
    tier: str | None, is_alert: bool, policy: str | None
) -> None:
    assert answers.risk({"risk_tier": tier, "is_alert": is_alert}, None)["policy"] == policy


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/addresses/vitalik.eth", 422, "name_not_resolved"),
        ("/v1/addresses/0x12", 422, "wrong_length"),
        ("/v1/addresses/" + "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", 422, "bad_checksum"),
        (f"/v1/addresses/{UNKNOWN}/transactions?cursor=nonsense", 422, "bad_cursor"),
        (f"/v1/addresses/{UNKNOWN}/transactions?page_size=0", 422, "invalid_request"),
        ("/v1/alerts?tier=low", 422, "invalid_request"),
        ("/v1/nothing", 404, "no_route"),
    ],
)
def test_a_wrong_request_gets_problem_details(
    served: Server, path: str, status: int, code: str
) -> None:
    response = served.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    schemas.ProblemDetails.model_validate_json(response.content)


def test_a_body_of_another_type_is_told_which_one_to_send(served: Server) -> None:
    for headers in ({}, {"content-type": "text/plain"}):
        response = served.post(
            "/v1/addresses/batch", content=f'{{"addresses": ["{UNKNOWN}"]}}', headers=headers
        )
        assert (response.status_code, response.json()["code"]) == (415, "not_json")
        assert "content-type: application/json" in response.json()["detail"]


def test_a_batch_keeps_its_order_and_names_what_is_malformed(
    served: Server, serving_copy: Path
) -> None:
    known = [
        address
        for (address,) in rows(serving_copy, "from (select address from lookup.addresses limit 5)")
    ]
    asked = [known[3], "0x1", known[0].upper().replace("0X", "0x"), UNKNOWN, known[3]]
    body = checked(
        schemas.BatchAnswer, served.post("/v1/addresses/batch", json={"addresses": asked})
    )
    assert [found["address"] for found in body["addresses"]] == [
        *(known[3], known[0], UNKNOWN, known[3])
    ]
    assert [(problem["position"], problem["code"]) for problem in body["problems"]] == [
        (1, "wrong_length")
    ]
    for found in body["addresses"]:
        assert found == served.get(f"/v1/addresses/{found['address']}").json()


@pytest.mark.parametrize(
    ("malformed", "code", "given"),
    [
        ("0x" + 199 * "a", "wrong_length", "0x" + 198 * "a"),
        ("z" * 100_000, "not_hexadecimal", "z" * 200),
        # JSON has it as half of a pair, and UTF-8 cannot write it.
        ("\ud800", "not_hexadecimal", "?"),
        (None, "not_text", None),
        (12, "not_text", None),
        ({"address": UNKNOWN}, "not_text", None),
    ],
)
def test_no_malformed_address_spoils_a_batch(
    served: Server, malformed: object, code: str, given: str | None
) -> None:
    asked = json.dumps({"addresses": [UNKNOWN, malformed, UNKNOWN]})
    headers = {"content-type": "application/json"}
    body = checked(
        schemas.BatchAnswer, served.post("/v1/addresses/batch", content=asked, headers=headers)
    )
    assert [found["address"] for found in body["addresses"]] == [UNKNOWN, UNKNOWN]
    [problem] = body["problems"]
    assert (problem["position"], problem["code"], problem["given"]) == (1, code, given)


def test_an_address_that_is_far_too_long_is_of_wrong_length_everywhere(served: Server) -> None:
    long = "0x" + 5000 * "a"
    for response in (
        *(
            served.get(f"/v1/addresses/{long}{tail}")
            for tail in ("", "/features", "/transactions", "/counterparties")
        ),
        served.get("/v1/reviews", params={"address": long}),
        served.post("/v1/addresses/score", json={"address": long, "transactions": []}),
        served.post(f"/v1/addresses/{long}/reviews", json={"decision": "disputed"}),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "wrong_length")
        assert "5000 digits" in response.json()["detail"]
    for path in (f"/addresses/{long}", f"/search?q={long}"):
        page = served.get(path, headers={"accept": "text/html"})
        assert page.status_code == 422
        assert "5000 digits" in page.text
        assert long not in page.text


def test_a_batch_has_at_most_a_thousand_addresses(served: Server) -> None:
    response = served.post("/v1/addresses/batch", json={"addresses": [UNKNOWN] * 1001})
    assert response.status_code == 422
    assert (
        served.post("/v1/addresses/batch", json={"addresses": [UNKNOWN] * 1000}).status_code == 200
    )


@pytest.mark.parametrize(
    ("kind", "model", "table"),
    [
        ("transactions", schemas.TransactionPage, "events"),
        ("counterparties", schemas.CounterpartyPage, "counterparties"),
    ],
)
def test_pages_hold_every_row_once(
    served: Server, serving_copy: Path, kind: str, model: type[BaseModel], table: str
) -> None:
    [(address, expected)] = rows(
        serving_copy,
        f"select address, count(*) from lookup.{table} group by address"
        " having count(*) between 8 and 60 order by count(*) desc, address limit 1",
    )
    found, cursor = [], None
    while True:
        options = {"page_size": 7} | ({"cursor": cursor} if cursor else {})
        body = checked(model, served.get(f"/v1/addresses/{address}/{kind}", params=options))
        found += [tuple(row.values()) for row in body[kind]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == expected


def test_alerts_are_the_queue_in_order(served: Server, serving_copy: Path) -> None:
    body = checked(schemas.AlertPage, served.get("/v1/alerts", params={"tier": "high"}))
    queue = rows(
        serving_copy,
        "select address from marts.scam_alert_queue where risk_tier = 'high'"
        " order by alert_rank limit 50",
    )
    assert [alert["address"] for alert in body["alerts"]] == [address for (address,) in queue]


def test_a_cursor_is_of_one_list_in_one_order(served: Server, serving_copy: Path) -> None:
    first, other = rows(
        serving_copy,
        "select address from lookup.counterparties group by address"
        " having count(*) > 2 order by address limit 2",
    )
    for path, options, changed_path, changed in (
        ("/v1/alerts", {"sort": "rank"}, "/v1/alerts", {"sort": "recent"}),
        ("/v1/alerts", {"sort": "recent"}, "/v1/alerts", {}),
        *(
            (f"/v1/addresses/{first[0]}/{kind}", {}, f"/v1/addresses/{other[0]}/{kind}", {})
            for kind in ("transactions", "counterparties")
        ),
    ):
        cursor = served.get(path, params={"page_size": 1, **options}).json()["next_cursor"]
        response = served.get(path, params={"cursor": cursor, **options})
        assert response.status_code == 200
        response = served.get(changed_path, params={"cursor": cursor, **changed})
        assert (response.status_code, response.json()["code"]) == (422, "bad_cursor")


def test_features_profiles_and_model_are_those_of_the_marts(
    served: Server, serving_copy: Path
) -> None:
    address = one(serving_copy, "state = 'scored'")
    body = checked(schemas.FeatureAnswer, served.get(f"/v1/addresses/{address}/features"))
    values = {feature["feature_name"]: feature["value"] for feature in body["features"]}
    [(tx_count, burstiness)] = rows(
        serving_copy,
        f"select tx_count, burstiness from marts.address_features where address = '{address}'",
    )
    assert (values["tx_count"], values["burstiness"]) == (tx_count, burstiness)
    profiles = checked(schemas.ProfileAnswer, served.get("/v1/profiles"))["profiles"]
    assert [(len(profiles),)] == rows(
        serving_copy, "select count(*) from marts.investor_profile_summaries where is_selected_run"
    )
    model = checked(schemas.ModelAnswer, served.get("/v1/model"))
    assert model["model"]["run_id"] == model["run_id"]
    assert model["metrics"]
    run = f"run_id = '{model['run_id']}' and model_name = 'xgboost' and feature_set = 'all'"
    expected = "policy_name, threshold_score, expected_precision, measured_precision"
    assert [tuple(row[name] for name in expected.split(", ")) for row in model["policies"]] == rows(
        serving_copy,
        f"select {expected} from marts.scam_policies where {run} and fit_name = 'lifetime'"
        " order by policy_name",
    )
    own = [row for row in model["headlines"] if row["model_name"] == "xgboost"]
    assert [(row["evaluation"], row["figure"]) for row in own] == [
        ("deployed", "average_precision"),
        ("future", "average_precision"),
        ("lead_time", "precision_at_100"),
    ]
    beside = {(row["evaluation"], row["model_name"]) for row in model["headlines"]}
    assert {("deployed", "null_model"), ("deployed", "shuffled_labels")} <= beside
    assert [(len(model["lead_times"]),)] == rows(
        serving_copy, f"select count(*) from marts.scam_lead_times where {run}"
    )


def test_an_answer_that_a_client_has_is_not_sent_again(served: Server) -> None:
    first = served.get(f"/v1/addresses/{UNKNOWN}")
    again = served.get(f"/v1/addresses/{UNKNOWN}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = served.get(f"/v1/addresses/{UNKNOWN}", headers={"if-none-match": '"another"'})
    assert other.status_code == 200


def test_the_service_can_be_watched(served: Server) -> None:
    assert served.get("/healthz").json() == {"status": "ok"}
    assert served.get("/readyz").json()["status"] == "ready"
    text = served.get("/metrics").text
    assert re.search(
        r'lookup_requests_total\{method="GET",route="/healthz",status="200"\} [1-9]', text
    )
    assert re.search(r"lookup_data_through_timestamp_seconds [1-9]", text)


@pytest.mark.parametrize(
    "path",
    [
        *("/healthz", "/readyz", "/v1/openapi.json", "/v1/alerts", "/v1/alerts.csv", "/v1/model"),
        *(f"/v1/addresses/{UNKNOWN}", "/v1/addresses/0x12", "/nothing"),
        *("/", f"/addresses/{UNKNOWN}", f"/search?q={UNKNOWN}", "/static/lookup.css"),
    ],
)
def test_head_answers_as_get_without_a_body(served: Server, path: str) -> None:
    # A cookie, an id and a time are of one answer.
    own = {"set-cookie", "x-request-id", "date"}
    got, headed = served.get(path), served.client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert {name: value for name, value in headed.headers.items() if name not in own} == {
        name: value for name, value in got.headers.items() if name not in own
    }
    # The connection is good for the next request.
    assert served.get("/healthz").json() == {"status": "ok"}


def test_head_knows_what_a_client_has_and_is_counted(served: Server) -> None:
    path = f"/v1/addresses/{UNKNOWN}"
    tag = served.client.head(path).headers["etag"]
    assert served.client.head(path, headers={"if-none-match": tag}).status_code == 304
    counted = 'method="HEAD",route="/v1/addresses/{address}",status="304"'
    assert counted in served.get("/metrics").text


def test_no_address_gets_into_metrics_or_log(
    served: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        served.get(f"/v1/addresses/{UNKNOWN}")
        served.get(f"/{UNKNOWN}")
        served.get("/v1/addresses/0xabc")
    said = " ".join(str(record.__dict__) for record in caplog.records if record.name == "lookup")
    assert "/v1/addresses/{address}" in said
    for text in (said, served.get("/metrics").text):
        assert UNKNOWN not in text
        assert "0xabc" not in text


def test_the_whole_queue_is_exported_as_csv(served: Server, serving_copy: Path) -> None:
    response = served.get("/v1/alerts.csv")
    assert response.headers["content-type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(response.text)))
    queue = rows(
        serving_copy, "select address, reasons from marts.scam_alert_queue order by alert_rank"
    )
    assert [(alert["address"], alert["reasons"]) for alert in found] == queue
