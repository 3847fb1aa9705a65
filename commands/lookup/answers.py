"""What the service says of an address, from the rows of the marts."""

from typing import Any

from commands.lookup.reviews.store import DECISIVE

Row = dict[str, Any]

NO_HOLDINGS = (
    "a profile needs the balance and the token transfers, and the request does not have both"
)
# How the marts say that an address could be scored and is not yet.
WAITS = "waits for the next scoring run"
NO_DATA = "no_data"
WAITS_FOR_BUILD = "waits_for_build"
NO_TRANSACTIONS = "the chain data have no transaction, transfer, balance or label of it"

# The strictest policy that an alert of a tier falls under. A tier is given by the thresholds of the
# policies, so one whose queue is empty gives none.
POLICIES = {"high": "clean_queue", "medium": "wide_net"}
NO_POLICY = "none"
STRICTEST_POLICY = "clean_queue"
CONFIRMED_SCAM = "confirmed_scam"
NOT_A_SCAM = "not_a_scam"


def address_answer(address: str, row: Row | None, origin: Row, review: Row | None) -> Row:
    """Return the stored answer for an address, also where nothing is known of it.

    `row` is its row of lookup.addresses, `review` its latest decision.
    """
    answer: Row = {
        "address": address,
        "data_through": origin["data_through"],
        "run_id": origin["run_id"],
        "state": "not_scored",
        "state_reason": NO_TRANSACTIONS,
        "state_code": NO_DATA,
        "computed_on_request": False,
    }
    if row is None:
        answer |= {
            "risk": risk({}, review),
            "profile": profile({}),
            "known": known({}),
            "labels": [],
            "review": review,
        }
        return answer
    return answer | {
        "run_id": row["run_id"] or origin["run_id"],
        "state": row["state"] or "not_scored",
        "state_reason": row["state_reason"] or NO_TRANSACTIONS,
        "state_code": WAITS_FOR_BUILD if waits(row) else None,
        "risk": risk(row, review),
        "profile": profile(row),
        "known": known(row),
        "labels": row["labels"] or [],
        "review": review,
    }


def waits(row: Row) -> bool:
    """Whether the stored answer of an address with data is missing or older than the data."""
    return any(
        state == "stale" or (state == "not_scored" and (reason or "").startswith(WAITS))
        for state, reason in (
            (row["state"], row["state_reason"]),
            (row["profile_state"], row["profile_state_reason"]),
        )
    )


def lacks_reasons(row: Row) -> bool:
    """Whether an address has a score that the build did not explain, as those of tier low."""
    return row["state"] == "scored" and row["reasons"] is None


def computed_answer(
    address: str, stored: Row, computed: Row, origin: Row, review: Row | None
) -> Row:
    """Return the answer for an address that was computed now."""
    names = ["labels"]
    if computed["is_alert"]:
        # Its place and its largest transactions are those of the queue, which a build makes.
        names += ["alert_rank", "evidence_transactions"]
    kept = {name: stored.get(name) for name in names}
    answer = address_answer(address, computed | kept, origin, review)
    return answer | {"computed_on_request": True}


def is_decided(review: Row | None) -> bool:
    """Whether a review ends the work on an address."""
    return review is not None and review["decision"] in DECISIVE


def risk(row: Row, review: Row | None) -> Row:
    """Return tier, policy, score and reasons. A decided address has left the alerts."""
    is_alert = bool(row.get("is_alert")) and not is_decided(review)
    return {
        "tier": row.get("risk_tier"),
        "policy": policy(row, review),
        "score": row.get("score"),
        "scam_probability": row.get("scam_probability"),
        **reasons(row),
        "evidence_transactions": split(row.get("evidence_transactions")),
        "alert_rank": row.get("alert_rank") if is_alert else None,
        "is_allow_listed": row.get("is_allow_listed") or False,
        "is_alert": is_alert,
        "scored_at": row.get("scored_at"),
    }


def policy(row: Row, review: Row | None) -> str | None:
    """Return the policy that an address falls under, None where it has no tier.

    What never becomes an alert, such as an address labelled benign, falls under none. So does one
    that a reviewer found to be no scam, which the next build labels benign. A confirmed scam falls
    under the strictest policy, whatever its tier and also without one.
    """
    decision = review["decision"] if review is not None else None
    if decision == CONFIRMED_SCAM:
        return STRICTEST_POLICY
    tier = row.get("risk_tier")
    if tier is None:
        return None
    is_cleared = decision == NOT_A_SCAM
    return POLICIES.get(tier, NO_POLICY) if row.get("is_alert") and not is_cleared else NO_POLICY


def reasons(row: Row) -> Row:
    """Return the sentences of the reasons and their codes. The only place that reads them."""
    return {
        "reasons": row.get("reasons"),
        "reason_codes": split(row.get("reason_codes")),
    }


def profile(row: Row) -> Row:
    """Return the investor profile with its state."""
    return {
        "state": row.get("profile_state") or "not_scored",
        "state_reason": row.get("profile_state_reason") or NO_TRANSACTIONS,
        "profile": row.get("profile"),
        "second_profile": row.get("second_profile"),
        "confidence": row.get("profile_confidence"),
        "run_id": row.get("profile_run_id"),
        "assigned_at": row.get("assigned_at"),
    }


def known(row: Row) -> Row:
    """Return what the marts know of the address itself."""
    return {
        "label_state": row.get("label_state") or "unlabelled",
        "entity_category": row.get("entity_category"),
        "is_contract": row.get("is_contract") or False,
        "is_token": row.get("is_token") or False,
        "token_symbol": row.get("token_symbol"),
        "first_seen_at": row.get("first_seen_at"),
        "last_seen_at": row.get("last_seen_at"),
    }


def split(text: str | None) -> list[str]:
    """Return the items of a list that a mart keeps as text."""
    return text.split(", ") if text else []


def alert(row: Row) -> Row:
    """Return a row of the queue."""
    return {
        "alert_rank": row["alert_rank"],
        "address": row["address"],
        "run_id": row["run_id"],
        "state": row["state"],
        "tier": row["risk_tier"],
        "score": row["score"],
        "scam_probability": row["scam_probability"],
        **reasons(row),
        "evidence_transactions": split(row["evidence_transactions"]),
        "scored_at": row["scored_at"],
    }
