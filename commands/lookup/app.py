"""The web application."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from commands.lookup import schemas
from commands.lookup.api import answer, api, problems
from commands.lookup.copies import Copies, limit_queries
from commands.lookup.guard import Guard
from commands.lookup.keys import Keys
from commands.lookup.metrics import Metrics
from commands.lookup.pages import add_pages, problem_page, wants_a_page
from commands.lookup.problems import Problem
from commands.lookup.reviews.store import ReviewStore
from commands.lookup.scoring.engine import python_model
from commands.lookup.service import Service
from commands.lookup.settings import Settings

logger = logging.getLogger("lookup")

VERSION = "1.0.0"

DESCRIPTION = """
Risk, profile and labels of one Ethereum address, from the marts of the last build.

Every answer has data_through (the last transaction that counts), run_id (the model that scored) and
state. What is not known is a state, not an error.
"""


class NoKeys(Exception):
    """The service would answer other machines without asking who they are."""


def create_app(settings: Settings, copies: Any = None) -> Any:
    """Return the ASGI application. Raises NoKeys, KeyFileError, or what the reviews raise.

    `copies` answers in place of the serving copy, such as BigQueryCopies.
    """
    if settings.is_open_to_others and settings.keys is None:
        raise NoKeys(
            f"{settings.host} can be reached from other machines, so the service needs API keys:"
            " --keys FILE. Make one with --keys FILE --new-key NAME --role reader."
        )
    limit_queries(settings.timeout_seconds)
    metrics = Metrics()
    keys = Keys(settings.keys) if settings.keys else None
    reviews = ReviewStore(settings.reviews_url)
    service = Service(settings, None, reviews, metrics)
    service.copies = copies or Copies(
        settings.copy, settings.memory_limit, settings.threads, service.note_copy
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # The libraries that score take seconds to load: not in somebody's first request.
        threading.Thread(target=python_model, args=("scam_raw_scores",), daemon=True).start()
        yield
        service.copies.close()
        reviews.close()

    app = FastAPI(
        title="Ethereum address look-up",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    app.include_router(api(service))
    add_pages(app, service)
    _add_watching(app, service)
    _add_errors(app)
    return Guard(app, settings, keys, metrics)


def _add_watching(app: FastAPI, service: Service) -> None:
    # Without a thread, so that it answers also while all of them are busy.
    @app.get("/healthz", tags=["service"])
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["service"], responses=problems())
    def readyz() -> Response:
        """The copy and the reviews can be read."""
        with service.copies.use() as copy:
            service.reviews.count()
            return answer({"status": "ready", "data_through": copy.origin["data_through"]})

    @app.get("/metrics", tags=["service"], response_class=Response)
    def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(service.metrics.text(), media_type="text/plain; version=0.0.4")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        if wants_a_page(request):
            return problem_page(request, problem)
        return problem.response()

    @app.exception_handler(sa.exc.SQLAlchemyError)
    async def on_reviews(request: Request, error: sa.exc.SQLAlchemyError) -> Response:
        # The text of the error may hold what was noted, or the address of the database.
        cause = getattr(error, "orig", None)
        code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
        fields = {"error": type(error).__name__, "code": code}
        logger.error("reviews not reached", extra={"fields": fields})
        detail = "The reviews cannot be read or stored now, and no answer is without them."
        problem = Problem(503, "no_reviews", f"{detail} Ask again later.", {"retry-after": "5"})
        return await on_problem(request, problem)

    @app.exception_handler(Exception)
    async def on_fault(request: Request, error: Exception) -> Response:
        return Problem(500, "internal", "The service failed. Its log says where.").response()

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and kind != "application/json":
            detail = f"The body is {kind or 'of no type'}: send content-type: application/json."
            return await on_problem(request, Problem(415, "not_json", detail))
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]}
            for item in error.errors()
        ]
        first = errors[0] if errors else {"where": "request", "what": "invalid"}
        detail = f"{first['where']}: {first['what']}."
        return await on_problem(request, Problem(422, "invalid_request", detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if problem := request.scope.get("problem"):
            return await on_problem(request, problem)
        codes = {404: "no_route", 405: "no_method", 400: "bad_request"}
        detail = {
            404: "There is nothing at this path. GET /docs lists the paths.",
            405: "This path does not know the method.",
        }.get(error.status_code, str(error.detail))
        code = codes.get(error.status_code, "error")
        problem = Problem(error.status_code, code, detail, dict(error.headers or {}))
        return await on_problem(request, problem)


__all__ = ["NoKeys", "create_app", "schemas"]
