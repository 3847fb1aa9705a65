"""The first page of a service's reply is not taken for all of it without a word."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands.check.plan import label_plan
from support.dbt_project import DbtProject, account, transaction
from support.reader import json_lines, plan_of, put, read

Reply = dict[str, Any]


def page(number: int, **beside: object) -> Reply:
    return {"result": [transaction(number)], **beside}


MORE = {
    "cursor": page(1, cursor="eyJ", total=90_000),
    "pageKey": page(1, pageKey="x"),
    "next": page(1, next="https://x/2", previous=None),
    "next_page_params": {"items": [transaction(1)], "next_page_params": {"block_number": 5}},
    "next_uri": {
        "execution_id": "x",
        "result": {"rows": [transaction(1)], "metadata": {"row_count": 1}},
        "next_uri": "https://x",
    },
    "pagination": {"data": {"items": [transaction(1)], "pagination": {"has_more": True}}},
    "links": {"data": [transaction(1)], "links": {"prev": None, "next": "https://x"}},
    "hasMore": {"data": [transaction(1)], "hasMore": "true"},
}


@pytest.mark.parametrize("key", MORE)
@pytest.mark.parametrize("form", ["object", "pretty", "lines", "array"])
def test_a_reply_that_says_there_is_more_is_told(tmp_path: Path, key: str, form: str) -> None:
    reply = MORE[key]
    text = {
        "object": json.dumps(reply),
        "pretty": json.dumps(reply, indent=2),
        "lines": json_lines([reply, reply]),
        "array": json.dumps([reply, reply]),
    }[form]
    path = put(tmp_path / "transactions.json", text)
    [warning] = plan_of(tmp_path).warnings
    assert warning.startswith(f"{path} says that there is more than it holds (`{key}`), so rows")
    assert read(tmp_path)


LAST = {
    "null": page(1, cursor=None, next_uri=None),
    "empty": page(1, cursor="", next_page_params={}, has_more=False, pageKey="null"),
    "nothing of it": {"status": "1", "message": "OK", "result": [transaction(1)]},
    "no next": {
        "data": {"items": [transaction(1)], "pagination": {"has_more": False}},
        "links": {"prev": "https://x", "next": None},
    },
    "no rows": {"result": [], "cursor": None},
}


@pytest.mark.parametrize("what", LAST)
def test_a_last_page_is_no_matter(tmp_path: Path, what: str) -> None:
    put(tmp_path / "transactions/a.json", json.dumps(LAST[what]))
    before = page(2, cursor="x") if "result" in LAST[what] else LAST[what]
    put(tmp_path / "transactions/pages.json", json_lines([before, LAST[what]]))
    put(tmp_path / "transactions/rows.json", json_lines([transaction(3, next="x", cursor="y")]))
    assert plan_of(tmp_path).warnings == []


def test_of_pages_in_files_of_their_own_one_is_the_last(tmp_path: Path) -> None:
    for number in range(1, 12):
        reply = page(number, cursor=f"c{number}" if number < 11 else None)
        put(tmp_path / f"transactions/page-{number}.json", json.dumps(reply))
    assert plan_of(tmp_path).warnings == []
    (tmp_path / "transactions/page-11.json").unlink()
    other = put(tmp_path / "transactions/another.json", json.dumps(page(12, cursor="x")))
    series, alone = sorted(plan_of(tmp_path).warnings, key=len, reverse=True)
    assert "transactions/page-" in series
    assert "and so does each of 9 more files with such a name" in series
    assert alone.startswith(f"{other} says that there is more")


def test_labels_are_looked_at_too(tmp_path: Path) -> None:
    row = {"address": account(1), "category": "phishing", "source": "x", "reported_at": ""}
    path = put(tmp_path / "labels.json", json.dumps({"data": [row], "next_cursor": "x"}))
    [warning] = label_plan(str(path)).warnings
    assert "`next_cursor`" in warning


def test_a_build_warns_of_it_once(dbt: DbtProject, tmp_path: Path) -> None:
    put(tmp_path / "chain/transactions.json", json.dumps(page(1, cursor="eyJ")))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__transactions")
    assert run.success, run.errors
    assert run.log.count("says that there is more than it holds (`cursor`)") == 1
