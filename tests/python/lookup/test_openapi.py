"""The service does what its OpenAPI document says."""

import pytest
from hypothesis import HealthCheck, given, settings

from support.serving import Server

schemathesis = pytest.importorskip("schemathesis", reason="install it: make dev-setup")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")
positive_data_acceptance = checks.positive_data_acceptance

ADDRESS = "/v1/addresses/{address}"
OPERATIONS = [
    *(("GET", ADDRESS + tail) for tail in ("", "/features", "/transactions", "/counterparties")),
    *(("POST", f"/v1/addresses/{name}") for name in ("batch", "score", "{address}/reviews")),
    *(("GET", f"/v1/{name}") for name in ("alerts", "alerts.csv", "reviews", "profiles", "model")),
    *(("GET", f"/{name}") for name in ("healthz", "readyz", "metrics")),
]


def test_every_path_is_tried(served: Server) -> None:
    paths = served.get("/v1/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_generated_request_finds_a_fault(served: Server, method: str, path: str) -> None:
    document = served.get("/v1/openapi.json").json()
    operation = schemathesis.openapi.from_dict(document)[path][method]

    @settings(
        max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        # No schema can say which cursor, checksum or row of an explorer's list is right.
        case.call_and_validate(base_url=served.url, excluded_checks=[positive_data_acceptance])

    check()


def test_the_document_has_examples_that_the_service_answers(served: Server) -> None:
    schemas = served.get("/v1/openapi.json").json()["components"]["schemas"]
    for name, path in (("BatchRequest", "batch"), ("ScoreRequest", "score")):
        [example] = schemas[name]["examples"]
        assert served.post(f"/v1/addresses/{path}", json=example).status_code == 200
