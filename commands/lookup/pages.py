"""Pages for people: made on the server, so that they work without a script."""

import hmac
import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from commands.lookup import charts, schemas, shown
from commands.lookup.address import checksum_address, read_address, repeated
from commands.lookup.api import reviewer_of
from commands.lookup.copies import Copy
from commands.lookup.problems import Problem
from commands.lookup.queries import query
from commands.lookup.reviews.store import DECISIONS
from commands.lookup.service import Service
from commands.report.numbers import counted

FOLDER = Path(__file__).parent
COOKIE = "csrf"
ALERTS_ON_A_PAGE = 20

# A field that was emptied is sent too.
LeastProbability = Annotated[float, BeforeValidator(lambda text: text or 0.0), Query(ge=0, le=1)]


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("words", "state", "when", "number", "percent", "ether", "feature", "sentences"):
        environment.filters[name] = getattr(shown, name)
    environment.filters["counted"] = counted
    environment.globals |= {"bars": charts.activity, "curve": charts.curve}
    return environment


TEMPLATES = _templates()


def wants_a_page(request: Request) -> bool:
    """Whether a person asks: not under /v1, and with a browser."""
    is_api = request.url.path.startswith(("/v1/", "/healthz", "/readyz", "/metrics"))
    return not is_api and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request, problem: Problem) -> Response:
    """Return a problem as a page."""
    page = {"title": problem.body()["title"], "detail": problem.detail}
    return _page(request, "problem", None, problem.status, problem.headers, **page)


def add_pages(app: FastAPI, service: Service) -> None:
    """Add the routes of pages and what they are made of."""
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    hidden: dict[str, Any] = {"include_in_schema": False, "response_class": HTMLResponse}

    @app.get("/", **hidden)
    def search(request: Request) -> Response:
        with service.copies.use() as copy:
            return _search_page(request, copy)

    @app.get("/search", **hidden)
    def find(request: Request, q: str = "") -> Response:
        try:
            address = read_address(q)
        except Problem as problem:
            with service.copies.use() as copy:
                return _search_page(request, copy, repeated(q), problem)
        return RedirectResponse(f"/addresses/{address}", 303)

    @app.get("/addresses/{address}", **hidden)
    def address_page(
        request: Request,
        address: str,
        counterparties: Annotated[str | None, Query(max_length=500)] = None,
        explain: bool = False,
        stored: bool = False,
    ) -> Response:
        try:
            asked = read_address(address)
        except Problem as problem:
            with service.copies.use() as copy:
                return _search_page(request, copy, repeated(address), problem)
        with service.copies.use() as copy:
            answer = service.address(copy, asked, service.reviews.latest(asked), explain)
            hashes = answer["risk"]["evidence_transactions"]
            return _page(
                request,
                "address",
                copy,
                title=asked,
                checksum=checksum_address(asked),
                answer=answer,
                may_explain=copy.has_events and answer["state"] == "scored",
                evidence=copy.rows(
                    query("evidence"), address=asked, has_hashes=bool(hashes), hashes=hashes
                )
                if copy.has_events
                else [],
                reviews=service.reviews.newest(20, address=asked),
                activity=shown.periods(
                    copy.rows(query("activity"), address=asked) if copy.has_events else []
                ),
                counterparties=service.counterparties(copy, asked, counterparties, 20)
                if copy.has_events
                else {"counterparties": []},
                features=service.features(copy, asked),
                stored=stored,
            )

    @app.post("/addresses/{address}/reviews", **hidden)
    async def review(request: Request, address: str) -> Response:
        form = _form(request, await request.body())
        _check_csrf(request, form)
        asked = read_address(address)
        body = _review_of(form)

        def store() -> None:
            with service.copies.use() as copy:
                reviewer = reviewer_of(request, body.reviewer)
                service.review(copy, asked, body.decision, reviewer, body.note)

        await run_in_threadpool(store)
        following = form.get("next", "")
        # Only to a page of this service, which no // or scheme can lead away from.
        if not following.startswith(("/alerts", "/addresses/")):
            following = f"/addresses/{asked}"
        path, _, asked_query = following.partition("?")
        options = {key: value[0] for key, value in parse_qs(asked_query).items()}
        return RedirectResponse(f"{path}?{urlencode({**options, 'stored': 'true'})}", 303)

    @app.get("/alerts", **hidden)
    def alerts(
        request: Request,
        tier: Literal["", "high", "medium"] = "",
        least_probability: LeastProbability = 0.0,
        sort: Literal["rank", "recent"] = "rank",
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        stored: bool = False,
    ) -> Response:
        with service.copies.use() as copy:
            page = service.alerts(copy, tier, least_probability, cursor, ALERTS_ON_A_PAGE, sort)
        options = {"tier": tier, "least_probability": least_probability, "sort": sort}
        after = page["next_cursor"]
        here = options | ({"cursor": cursor} if cursor else {})
        return _page(
            request,
            "alerts",
            copy,
            title="Alerts",
            **options,
            alerts=page["alerts"],
            next_query=urlencode({**options, "cursor": after}) if after else "",
            here_with_query=f"/alerts?{urlencode(here)}",
            stored=stored,
        )

    @app.get("/profiles", **hidden)
    def profiles(request: Request) -> Response:
        with service.copies.use() as copy:
            page = service.profiles(copy)
            return _page(request, "profiles", copy, title="Profiles", profiles=page["profiles"])

    @app.get("/model", **hidden)
    def model(request: Request) -> Response:
        with service.copies.use() as copy:
            page = service.model(copy)
            champion = {key: copy.origin[key] for key in ("run_id", "model_name", "feature_set")}
            curve = copy.rows(query("model_curve"), **champion)
            calibration = copy.rows(query("model_calibration"), **champion)
            return _page(
                request,
                "model",
                copy,
                title="Model",
                precision_recall=[(row["recall"], row["precision"]) for row in curve],
                calibration=[
                    (row["mean_probability"], row["positive_share"]) for row in calibration
                ],
                **{
                    name: page[name]
                    for name in (
                        *("model", "policies", "headlines", "lead_times"),
                        *("metrics", "drift", "promotions"),
                    )
                },
            )

    @app.get("/docs", **hidden)
    def docs(request: Request) -> Response:
        document = app.openapi()
        return _page(
            request,
            "docs",
            None,
            title="API",
            document=document,
            described=lambda route: _described(document, route),
            objects=_objects(document),
        )


def _search_page(
    request: Request, copy: Copy, asked: str = "", problem: Problem | None = None
) -> Response:
    return _page(
        request,
        "search",
        copy,
        422 if problem else 200,
        title="Search",
        asked=asked,
        problem=problem.detail if problem else "",
        examples=copy.rows(query("examples")) if copy.has_events else [],
    )


def _page(
    request: Request,
    name: str,
    copy: Copy | None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    token = request.cookies.get(COOKIE, "")
    is_new = len(token) != 43
    if is_new:
        token = secrets.token_urlsafe(32)
    origin = copy.origin if copy else None
    html = TEMPLATES.get_template(f"{name}.html.j2").render(
        here=request.url.path,
        origin=origin,
        days_old=shown.age(origin["data_through"]) if origin else None,
        csrf=token,
        may_review=request.scope["client_role"].may_review,
        has_keys=request.scope["has_keys"],
        **values,
    )
    response = HTMLResponse(html, status, {**(headers or {}), "cache-control": "no-store"})
    if is_new:
        is_secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=is_secure)
    return response


def _form(request: Request, body: bytes) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(415, "no_form", "This path takes the form of the page.")
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise Problem(400, "bad_form", "The form cannot be read.") from error
    return {name: values[0] for name, values in fields.items()}


def _check_csrf(request: Request, form: dict[str, str]) -> None:
    cookie = request.cookies.get(COOKIE, "")
    if len(cookie) != 43 or not hmac.compare_digest(cookie.encode(), form.get("csrf", "").encode()):
        raise Problem(
            403,
            "no_csrf_token",
            "This form is not from a page of this service, or it is old. Load"
            " the page again. Cookies have to be allowed.",
        )


def _review_of(form: dict[str, str]) -> schemas.ReviewRequest:
    if form.get("decision") not in DECISIONS:
        raise Problem(422, "invalid_request", "Choose one of the four decisions.")
    try:
        return schemas.ReviewRequest(
            decision=form["decision"],
            reviewer=form.get("reviewer", ""),
            note=form.get("note", ""),
        )
    except ValueError as error:
        raise Problem(
            422, "invalid_request", "A name has at most 100 characters and a note 2,000."
        ) from error


def _described(document: dict[str, Any], route: dict[str, Any]) -> list[tuple[str, list[dict]]]:
    """Return the members of what a route takes and answers."""
    parts = [("Body", route["requestBody"])] if "requestBody" in route else []
    parts += [
        (f"Answer {status}", part)
        for status, part in route.get("responses", {}).items()
        if status.startswith("2")
    ]
    described = []
    for name, part in parts:
        schema = part.get("content", {}).get("application/json", {}).get("schema", {})
        model = document["components"]["schemas"].get(_name_of(schema), {})
        if fields := _fields(model):
            described.append((name, fields))
    return described


def _objects(document: dict[str, Any]) -> list[tuple[str, str, list[dict]]]:
    """Return name, meaning and members of what answers are made of."""
    models = document["components"]["schemas"]
    inner = {
        name
        for model in models.values()
        for value in model.get("properties", {}).values()
        for name in re.findall(r"#/components/schemas/(\w+)", str(value))
    }
    return [
        (name, model.get("description", ""), _fields(model))
        for name, model in models.items()
        if name in inner and not name.endswith("Answer") and "ValidationError" not in name
    ]


def _fields(model: dict[str, Any]) -> list[dict]:
    return [
        {"name": name, "type": _type_of(value), "description": value.get("description", "")}
        for name, value in model.get("properties", {}).items()
    ]


def _name_of(schema: dict[str, Any]) -> str:
    return schema.get("$ref", "").rpartition("/")[2]


def _type_of(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type_of(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type_of(schema['items'])}"
    return _name_of(schema) or schema.get("format") or schema.get("type", "anything")
