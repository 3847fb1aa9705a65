"""JSON for programs, under /v1."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from commands.lookup import schemas
from commands.lookup.address import read_address
from commands.lookup.exports import csv_lines
from commands.lookup.problems import MEDIA_TYPE, Problem
from commands.lookup.scoring.given import given, require_sides_of
from commands.lookup.service import MAX_PAGE_SIZE, PAGE_SIZE, Service, etag

# More than the queue holds (var max_alerts).
MAX_EXPORT = 1_000_000

JSON_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z

Address = Annotated[
    str,
    Path(
        description="0x and 40 hexadecimal digits. In mixed case the checksum is checked.",
        examples=[schemas.EXAMPLE],
        json_schema_extra={"pattern": "^0[xX][0-9a-fA-F]{40}$"},
    ),
]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before.", max_length=500)]
Explain = Annotated[
    bool, Query(description="Compute the reasons of a score that the build did not explain.")
]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the errors of a route."""
    schema = {"schema": schemas.ProblemDetails.model_json_schema()}
    always = (400, 401, 403, 413, 415, 421, 422, 429, 500, 503, 504)
    return {
        status: {"description": "Problem details", "content": {MEDIA_TYPE: schema}}
        for status in sorted({*always, *statuses})
    }


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return JSON without a second validation: tests hold the answers to their models."""
    return Response(
        orjson.dumps(body, option=JSON_OPTIONS), status, headers, media_type="application/json"
    )


def tagged(request: Request, tag: str) -> Response | None:
    """Return 304 if the client has this answer already."""
    known = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in known.split(",")}
    if tags & {"*", tag}:
        return Response(status_code=304, headers={"etag": tag, "cache-control": "no-cache"})
    return None


def documented(model: type, *statuses: int, **more: Any) -> dict[str, Any]:
    """Return what a route says of its answers."""
    return {
        "response_model": None,
        "response_class": Response,
        "responses": {200: {"model": model, "description": "Answer"}, **problems(*statuses)},
        **more,
    }


def api(service: Service) -> APIRouter:
    """Return the routes of one service."""
    router = APIRouter(prefix="/v1")

    @router.get(
        "/addresses/{address}", tags=["addresses"], **documented(schemas.AddressAnswer, 304)
    )
    def get_address(request: Request, address: Address, explain: Explain = False) -> Response:
        """All about one address: risk, profile, labels and the latest review.

        An address that nothing is known of is not an error: its state is not_scored.
        """
        address = read_address(address)
        with service.copies.use() as copy:
            review = service.reviews.latest(address)
            tag = etag(copy, review["review_id"] if review else 0, int(explain))
            if unchanged := tagged(request, tag):
                return unchanged
            return answer(
                service.address(copy, address, review, explain),
                headers={"etag": tag, "cache-control": "no-cache"},
            )

    @router.post("/addresses/batch", tags=["addresses"], **documented(schemas.BatchAnswer))
    def post_batch(body: schemas.BatchRequest) -> Response:
        """Up to 1,000 addresses at once. A malformed one does not spoil the others."""
        if len(body.addresses) > service.settings.max_batch:
            raise Problem(
                422,
                "batch_too_large",
                f"At most {service.settings.max_batch} addresses at once.",
            )
        with service.copies.use() as copy:
            return answer(service.batch(copy, body.addresses))

    @router.post("/addresses/score", tags=["addresses"], **documented(schemas.AddressAnswer))
    def post_score(body: schemas.ScoreRequest) -> Response:
        """Score an address with transactions of your own, as a build would.

        They are added to what the data have of the address. Counterparties are known as far as the
        data know them.
        """
        address = read_address(body.address)
        brought = given(body.transactions, body.token_transfers, body.balance_wei)
        require_sides_of(address, brought)
        with service.copies.use() as copy:
            return answer(service.score(copy, address, brought))

    @router.get(
        "/addresses/{address}/features",
        tags=["addresses"],
        **documented(schemas.FeatureAnswer, 304),
    )
    def get_features(request: Request, address: Address) -> Response:
        """Features over the lifetime of the address, beside the population's median."""
        address = read_address(address)
        with service.copies.use() as copy:
            if unchanged := tagged(request, etag(copy)):
                return unchanged
            return answer(service.features(copy, address), headers={"etag": etag(copy)})

    @router.get(
        "/addresses/{address}/transactions",
        tags=["addresses"],
        **documented(schemas.TransactionPage, 304),
    )
    def get_transactions(
        request: Request, address: Address, cursor: Cursor = None, page_size: PageSize = PAGE_SIZE
    ) -> Response:
        """Transactions, newest first, a side each: a transfer to oneself has two."""
        address = read_address(address)
        with service.copies.use() as copy:
            if unchanged := tagged(request, etag(copy)):
                return unchanged
            return answer(
                service.transactions(copy, address, cursor, page_size),
                headers={"etag": etag(copy)},
            )

    @router.get(
        "/addresses/{address}/counterparties",
        tags=["addresses"],
        **documented(schemas.CounterpartyPage, 304),
    )
    def get_counterparties(
        request: Request, address: Address, cursor: Cursor = None, page_size: PageSize = PAGE_SIZE
    ) -> Response:
        """Who the address deals with, the busiest first, with labels and tiers."""
        address = read_address(address)
        with service.copies.use() as copy:
            if unchanged := tagged(request, etag(copy)):
                return unchanged
            return answer(
                service.counterparties(copy, address, cursor, page_size),
                headers={"etag": etag(copy)},
            )

    @router.get("/alerts", tags=["review"], **documented(schemas.AlertPage))
    def get_alerts(
        tier: Annotated[Literal["high", "medium"] | None, Query()] = None,
        least_probability: Annotated[float, Query(ge=0, le=1)] = 0.0,
        sort: Annotated[Literal["rank", "recent"], Query()] = "rank",
        cursor: Cursor = None,
        page_size: PageSize = PAGE_SIZE,
    ) -> Response:
        """The queue, most suspicious first. Addresses that a reviewer decided are left out."""
        with service.copies.use() as copy:
            return answer(
                service.alerts(copy, tier or "", least_probability, cursor, page_size, sort)
            )

    @router.get(
        "/alerts.csv",
        tags=["review"],
        response_model=None,
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}, "description": "CSV"}, **problems()},
    )
    def get_alerts_csv() -> Response:
        """The whole queue as CSV, without decided addresses."""
        with service.copies.use() as copy:
            rows = service.alerts(copy, "", 0.0, None, MAX_EXPORT)["alerts"]
            return Response(
                "".join(csv_lines(iter(rows))),
                headers={"content-disposition": 'attachment; filename="alerts.csv"'},
                media_type="text/csv",
            )

    @router.post(
        "/addresses/{address}/reviews",
        tags=["review"],
        status_code=201,
        response_model=None,
        response_class=Response,
        responses={201: {"model": schemas.ReviewAnswer, "description": "Stored"}, **problems()},
    )
    def post_review(request: Request, address: Address, body: schemas.ReviewRequest) -> Response:
        """Store what a reviewer found. It shows at once, and is never changed."""
        address = read_address(address)
        with service.copies.use() as copy:
            reviewer = reviewer_of(request, body.reviewer)
            return answer(service.review(copy, address, body.decision, reviewer, body.note), 201)

    @router.get("/reviews", tags=["review"], **documented(schemas.ReviewPage))
    def get_reviews(
        address: str | None = None,
        cursor: Cursor = None,
        page_size: PageSize = PAGE_SIZE,
    ) -> Response:
        """Reviews, newest first, of all addresses or of one."""
        asked = read_address(address) if address is not None else None
        with service.copies.use() as copy:
            return answer(service.review_page(copy, asked, cursor, page_size))

    @router.get("/profiles", tags=["models"], **documented(schemas.ProfileAnswer, 304))
    def get_profiles(request: Request) -> Response:
        """The investor profiles: names, sizes, medians."""
        with service.copies.use() as copy:
            if unchanged := tagged(request, etag(copy)):
                return unchanged
            return answer(service.profiles(copy), headers={"etag": etag(copy)})

    @router.get("/model", tags=["models"], **documented(schemas.ModelAnswer, 304))
    def get_model(request: Request) -> Response:
        """The model that scores: metrics with intervals, policies, drift, promotions."""
        with service.copies.use() as copy:
            if unchanged := tagged(request, etag(copy)):
                return unchanged
            return answer(service.model(copy), headers={"etag": etag(copy)})

    return router


def reviewer_of(request: Request, given: str) -> str:
    """Return who reviews: the owner of the key, or what was given where there are no keys.

    Raises Problem if the client may not review.
    """
    client = request.scope["client_role"]
    if not client.may_review:
        raise Problem(
            403, "no_reviewer", "This key may read. A review needs a key with the role reviewer."
        )
    if request.scope.get("has_keys"):
        return client.name
    return given or client.name
