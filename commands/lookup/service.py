"""What the look-up can answer, for pages and programs alike."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from commands.lookup import answers
from commands.lookup.address import read_address, repeated
from commands.lookup.copies import Copies, Copy
from commands.lookup.cursors import from_cursor, to_cursor
from commands.lookup.metrics import Metrics
from commands.lookup.problems import Problem
from commands.lookup.queries import query
from commands.lookup.reviews.store import ReviewStore
from commands.lookup.scoring.engine import Given, Scorer
from commands.lookup.settings import Settings

Row = dict[str, Any]

logger = logging.getLogger("lookup")

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500

# Addresses that are computed or wait for it. The server has 40 threads, and stored answers need the
# others.
MAX_COMPUTED = 20


@dataclass
class Service:
    """The copy, the reviews and the figures of one running service."""

    settings: Settings
    copies: Copies
    reviews: ReviewStore
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        """Let as many be computed at once as queries have threads: more would all be slower."""
        self._places = threading.BoundedSemaphore(MAX_COMPUTED)
        self._turns = threading.BoundedSemaphore(self.settings.threads)

    def address(self, copy: Copy, address: str, review: Row | None, explain: bool = False) -> Row:
        """Return the stored answer for one address.

        With `explain` a score that the build did not explain gets its reasons now.
        """
        row = copy.row(query("address"), address=address)
        if row is not None and copy.has_events:
            waits = answers.waits(row)
            if waits or (explain and answers.lacks_reasons(row)):
                computed = self._computed_if_possible(copy, address)
                if computed is not None and waits:
                    return answers.computed_answer(
                        address, row, computed, copy.origin, _public(review)
                    )
                if computed is not None:
                    row |= {name: computed[name] for name in ("reasons", "reason_codes")}
        return answers.address_answer(address, row, copy.origin, _public(review))

    def _computed_if_possible(self, copy: Copy, address: str) -> Row | None:
        try:
            return self.computed(copy, address)
        except duckdb.Error:
            # The stored answer says itself what is old or missing.
            logger.exception("not computed")
            return None

    def computed(self, copy: Copy, address: str, given: Given | None = None) -> Row | None:
        """Return the row of an address as the project's SQL computes it now, None without data.

        Raises Problem 503 if too many wait for their turn.
        """
        with self._turn(), self.metrics.on_request.time():
            return scorer(copy).answers(copy, [address], given).get(address)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Problem(
                503,
                "busy",
                f"{MAX_COMPUTED} addresses are being computed or wait for it. Ask again later.",
                {"retry-after": "5"},
            )
        try:
            with self._turns:
                yield
        finally:
            self._places.release()

    def score(self, copy: Copy, address: str, given: Given) -> Row:
        """Return the answer for an address with the transactions of the request."""
        if not copy.has_events:
            raise Problem(
                501, "not_on_bigquery", "Scores on request need a serving copy on DuckDB."
            )
        row = copy.row(query("address"), address=address)
        computed = self.computed(copy, address, given)
        review = _public(self.reviews.latest(address))
        if computed is None:
            return answers.address_answer(address, row, copy.origin, review)
        is_whole = row is not None or (
            given.token_transfers is not None and given.balance_wei is not None
        )
        answer = answers.computed_answer(address, row or {}, computed, copy.origin, review)
        if not is_whole and answer["profile"]["state"] != "entity":
            answer["profile"] = answers.profile(
                {"profile_state": "not_scored", "profile_state_reason": answers.NO_HOLDINGS}
            )
        return answer

    def batch(self, copy: Copy, given: Sequence[Any]) -> Row:
        """Return stored answers in the order asked for, and what is wrong with the others."""
        problems, asked = [], []
        for position, text in enumerate(given):
            try:
                asked.append(read_address(text))
            except Problem as problem:
                problems.append(
                    {
                        "position": position,
                        "given": repeated(text) if isinstance(text, str) else None,
                        "code": problem.code,
                        "detail": problem.detail,
                    }
                )
        distinct = list(dict.fromkeys(asked))
        rows = {row["address"]: row for row in copy.rows(query("addresses"), addresses=distinct)}
        reviews = self.reviews.latest_of(distinct) if distinct else {}
        found = {
            address: answers.address_answer(
                address, rows.get(address), copy.origin, _public(reviews.get(address))
            )
            for address in distinct
        }
        return {
            **_stamp(copy, "partial" if problems else "complete"),
            "waits_for_build": [
                address
                for address, answer in found.items()
                if answer["state_code"] == answers.WAITS_FOR_BUILD
            ],
            "addresses": [found[address] for address in asked],
            "problems": problems,
        }

    def features(self, copy: Copy, address: str) -> Row:
        """Return the features of an address beside the population's medians."""
        row = copy.row(query("address_features"), address=address)
        features = [
            {
                "feature_name": feature["feature_name"],
                "feature_family": feature["feature_family"],
                "unit": feature["unit"],
                "description": feature["description"],
                "value": row[feature["feature_name"]],
                "median_value": feature["median_value"],
            }
            for feature in (copy.rows(query("features")) if row else [])
            if feature["feature_name"] in row
        ]
        return {
            "address": address,
            **_stamp(copy, "computed" if row else "not_scored"),
            "features": features,
        }

    def transactions(self, copy: Copy, address: str, cursor: str | None, size: int) -> Row:
        """Return a page of the transactions of an address, newest first."""
        start = [datetime.min, "", False]
        if cursor:
            start = from_cursor(cursor, address, datetime, str, bool)
        rows = copy.rows(
            query("transactions"),
            address=address,
            has_cursor=bool(cursor),
            cursor_time=start[0] if cursor else datetime(1970, 1, 1),
            cursor_hash=start[1],
            cursor_is_outgoing=start[2],
            page_size=size + 1,
        )
        shown, last = _page(rows, size)
        after = last and to_cursor(
            address, last["block_timestamp"], last["transaction_hash"] or "", last["is_outgoing"]
        )
        return {
            "address": address,
            **_stamp(copy),
            "next_cursor": after,
            "transactions": shown,
        }

    def counterparties(self, copy: Copy, address: str, cursor: str | None, size: int) -> Row:
        """Return a page of the counterparties of an address, the busiest first."""
        start = from_cursor(cursor, address, int, str) if cursor else [0, ""]
        rows = copy.rows(
            query("counterparties"),
            address=address,
            has_cursor=bool(cursor),
            cursor_events=start[0],
            cursor_counterparty=start[1],
            page_size=size + 1,
        )
        shown, last = _page(rows, size)
        after = last and to_cursor(address, last["events"], last["address"])
        return {
            "address": address,
            **_stamp(copy),
            "next_cursor": after,
            "counterparties": shown,
        }

    def alerts(
        self,
        copy: Copy,
        tier: str,
        least_probability: float,
        cursor: str | None,
        size: int,
        sort: str = "rank",
    ) -> Row:
        """Return a page of the queue without decided addresses.

        `sort` is rank, or recent for the addresses that were active last.
        """
        start = from_cursor(cursor, sort, float, int) if cursor else [0.0, 0]
        rows = copy.rows(
            query("alerts"),
            has_cursor=bool(cursor),
            cursor_key=start[0],
            cursor_rank=start[1],
            sort=sort,
            risk_tier=tier,
            least_probability=least_probability,
            decided=self.reviews.decided(),
            page_size=size + 1,
        )
        shown, last = _page(rows, size)
        return {
            **_stamp(copy),
            "next_cursor": last and to_cursor(sort, float(last["sort_key"]), last["alert_rank"]),
            "alerts": [answers.alert(row) for row in shown],
        }

    def profiles(self, copy: Copy) -> Row:
        """Return the investor profiles."""
        rows = copy.rows(query("profiles"))
        return {
            **_stamp(copy, "ok" if rows else "not_trained"),
            "run_id": copy.origin["profile_run_id"],
            "profiles": rows,
        }

    def model(self, copy: Copy) -> Row:
        """Return the model that scores, with metrics, policies, drift and history."""
        champion = {name: copy.origin[name] for name in ("run_id", "model_name", "feature_set")}
        names = ("model", "model_policies", "model_metrics", "model_drift", "model_promotions")
        model, policies, metrics, drift, promotions = (
            copy.rows(query(name), **champion) for name in names
        )
        headlines, lead_times = (
            copy.rows(query(name), **champion) for name in ("model_headlines", "model_lead_times")
        )
        return {
            **_stamp(copy, "ok" if model else "not_trained"),
            "model": model[0] if model else None,
            "policies": policies,
            "headlines": headlines,
            "lead_times": lead_times,
            "metrics": metrics,
            "drift": drift,
            "promotions": promotions,
        }

    def review(self, copy: Copy, address: str, decision: str, reviewer: str, note: str) -> Row:
        """Store a review with the score that it was made at."""
        row = copy.row(query("address"), address=address) or {}
        stored = self.reviews.add(
            {
                "address": address,
                "decision": decision,
                "reviewer": reviewer,
                "note": note,
                **{
                    name: row.get(name)
                    for name in ("run_id", "scam_probability", "risk_tier", "alert_rank")
                },
            }
        )
        self.metrics.reviews.labels(decision).inc()
        return {**_stamp(copy, "stored"), "review": stored}

    def review_page(self, copy: Copy, address: str | None, cursor: str | None, size: int) -> Row:
        """Return a page of reviews, newest first."""
        before = from_cursor(cursor, "reviews", int)[0] if cursor else None
        shown, last = _page(self.reviews.newest(size + 1, before, address), size)
        return {
            **_stamp(copy),
            "next_cursor": last and to_cursor("reviews", last["review_id"]),
            "reviews": shown,
        }

    def note_copy(self, copy: Copy) -> None:
        """Count a copy that was opened."""
        self.metrics.swaps.inc()
        for gauge, name in (
            (self.metrics.data_through, "data_through"),
            (self.metrics.published_at, "published_at"),
        ):
            time = copy.origin[name]
            gauge.set(time.replace(tzinfo=UTC).timestamp() if time else 0)


def scorer(copy: Copy) -> Scorer:
    """Return what computes addresses on a copy."""
    if "scorer" not in copy.kept:
        copy.kept["scorer"] = Scorer(copy)
    return copy.kept["scorer"]


def etag(copy: Copy, *more: Any) -> str:
    """Return the tag of an answer: it changes with the copy, which has one data_through."""
    through = copy.origin["data_through"]
    parts = [through.strftime("%Y%m%dT%H%M%S") if through else "empty", copy.origin["copy_id"]]
    return '"' + "-".join(str(part) for part in (*parts, *more)) + '"'


def _public(review: Row | None) -> Row | None:
    return review and {"decision": review["decision"], "reviewed_at": review["reviewed_at"]}


def _stamp(copy: Copy, state: str = "ok") -> Row:
    return {
        "data_through": copy.origin["data_through"],
        "run_id": copy.origin["run_id"],
        "state": state,
    }


def _page(rows: list[Row], size: int) -> tuple[list[Row], Row | None]:
    """Return the rows of a page, and its last row if there are more."""
    shown = rows[:size]
    return shown, shown[-1] if len(rows) > size else None
