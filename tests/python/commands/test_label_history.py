"""Dates from history: a label is reported by the commit that added it and ends with the one that
removed it. All addresses and commits here are invented.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from commands.labels.__main__ import main
from commands.labels.differences import differences
from commands.labels.history import _addresses, _changed
from commands.labels.label import Label
from support.dbt_project import account
from support.label_lists import ONE, THREE, TWO, rejects, rows

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

JANUARY = 1_546_300_800  # 2019-01-01 UTC
DAY = 86_400


def day(number: int) -> str:
    """The text of a day of January 2019."""
    return f"2019-01-{number:02} 00:00:00"


class Clone:
    """A repository in which each commit is made on a day of January 2019."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str, on: int = 1, seconds: int | None = None) -> str:
        at = f"@{JANUARY + (on - 1) * DAY if seconds is None else seconds} +0300"
        names = ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")
        environment = (
            os.environ
            | dict.fromkeys(names, "somebody")
            | {
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_COMMITTER_DATE": at,
                # Authors' dates are not asked: a commit may be old when it is merged.
                "GIT_AUTHOR_DATE": "1500000000 +0000",
            }
        )
        run = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return run.stdout

    def write(self, name: str, text: str | bytes) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, on: int, **files: str | bytes) -> None:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"day {on}", on=on)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def dated(clone: Clone, layout: str = "ofac", file: str = "list", *options: str) -> list[Label]:
    """The labels of a list with the times of its history, which has to be readable."""
    out = clone.path.parent / "labels.csv"
    history = ["--history", str(clone.path), "--in", file, "--out", str(out)]
    assert main(["--layout", layout, *history, *options]) == 0
    return rows(out)


def times(labels: list[Label]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for label in labels:
        found.setdefault(label.address, []).append((label.reported_at, label.valid_to))
    return found


def refused(clone: Clone, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    out = clone.path.parent / "labels.csv"
    arguments = ["--layout", "ofac", "--history", str(clone.path), "--in", "list"]
    assert main([*arguments, "--out", str(out), *options]) == 1
    assert not out.exists()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def lines(*addresses: str) -> str:
    return "".join(f"{address}\n" for address in addresses)


def test_a_commit_reports_and_another_one_takes_back(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.commit(1, list=lines(ONE))
    clone.commit(2, list=lines(ONE, TWO))
    clone.commit(3, other="no change of the list")
    clone.commit(4, list=lines(TWO, THREE))
    assert times(dated(clone)) == {
        ONE.lower(): [(day(1), day(4))],
        TWO: [(day(2), "")],
        THREE.lower(): [(day(4), "")],
    }
    said = capsys.readouterr().out
    assert "History: 3 commits since 2019-01-01 00:00:00, 1 delisted, 0 listed again." in said


def test_what_is_listed_again_has_two_times(clone: Clone) -> None:
    for on, text in enumerate([lines(ONE, TWO), lines(TWO), lines(TWO, ONE), lines(TWO)], start=1):
        clone.commit(on, list=text)
    assert times(dated(clone))[ONE.lower()] == [(day(1), day(2)), (day(3), day(4))]
    clone.commit(5, list=lines(ONE, TWO))
    found = times(dated(clone))
    assert found[ONE.lower()] == [(day(1), day(2)), (day(3), day(4)), (day(5), "")]
    assert found[TWO] == [(day(1), "")]


@pytest.mark.parametrize("layout", ["ofac", "etdg"])
def test_what_is_taken_back_twice_from_the_same_file_has_two_times(
    clone: Clone, layout: str
) -> None:
    """A commit that is reverted leaves the very file that was there before."""
    header, end = {"ofac": ("", ""), "etdg": ("address,category\n", ",scam")}[layout]
    both, one = (
        header + lines(*(address + end for address in listed)) for listed in [(ONE, TWO), (TWO,)]
    )
    for on, text in enumerate([both, one, both, one], start=1):
        clone.commit(on, list=text)
    found = times(dated(clone, layout))
    assert found[ONE.lower()] == [(day(1), day(2)), (day(3), day(4))]
    assert found[TWO] == [(day(1), "")]


def test_sorting_and_other_spellings_take_nothing_back(clone: Clone) -> None:
    clone.commit(1, list=lines(ONE, TWO, THREE))
    clone.commit(2, list=lines(THREE, ONE.lower(), TWO.upper().replace("X", "x")))
    clone.commit(3, list=lines(TWO, ONE, THREE, TWO).replace("\n", " \r\n"))
    clone.commit(4, list="\ufeff# sorted\n" + lines(TWO, ONE, THREE))
    assert set(itertools.chain(*times(dated(clone)).values())) == {(day(1), "")}


def test_an_address_that_is_commented_out_is_taken_back(clone: Clone) -> None:
    clone.commit(1, list=lines(ONE, TWO))
    clone.commit(2, list=f"# {ONE}\n{TWO}\n")
    assert times(dated(clone)) == {ONE.lower(): [(day(1), day(2))], TWO: [(day(1), "")]}


@pytest.mark.parametrize("indent", [2, None])
def test_json_on_one_line_is_read_like_json_on_many(clone: Clone, indent: int | None) -> None:
    clone.commit(1, list=json.dumps([ONE, TWO], indent=indent))
    clone.commit(2, list=json.dumps([TWO, THREE], indent=indent))
    found = dated(clone, "json_array", "list", "--category", "phishing", "--source", "desk")
    assert times(found) == {
        ONE.lower(): [(day(1), day(2))],
        TWO: [(day(1), "")],
        THREE.lower(): [(day(2), "")],
    }


def test_what_was_taken_back_keeps_the_row_it_had(clone: Clone) -> None:
    header = "address,category\n"
    clone.commit(1, list=f"{header}{ONE},Phishing\n{TWO},Scamming\n")
    clone.commit(2, list=f"{header}{ONE},Fake ICO\n{TWO},Scamming\n")
    clone.commit(3, list=f"{header}{TWO},Scamming\n")
    found = {(x.address, x.category, x.reported_at, x.valid_to) for x in dated(clone, "etdg")}
    assert found == {
        (ONE.lower(), "fake_ico", day(1), day(3)),
        (TWO, "scam", day(1), ""),
    }


def test_the_commit_dates_and_only_the_first_version_may_be_older(clone: Clone) -> None:
    def items(*dates: tuple[str, str]) -> str:
        return json.dumps([{"address": a, "comment": "", "date": date} for a, date in dates])

    clone.commit(10, list=items((ONE, "2018-02-03"), (TWO, "2019-01-20"), (THREE, "")))
    clone.commit(11, list=items((TWO, "2019-01-20"), (THREE, "")))
    assert times(dated(clone, "mew_darklist")) == {
        ONE.lower(): [("2018-02-03 00:00:00", day(11))],
        TWO: [(day(10), "")],
        THREE.lower(): [(day(10), "")],
    }
    # What came later was not known before its commit, whatever date the list gives it.
    new = (account(1), "2018-01-01")
    clone.commit(12, list=items((ONE, "2018-02-03"), (TWO, "2019-01-20"), (THREE, ""), new))
    found = times(dated(clone, "mew_darklist"))
    assert found[ONE.lower()] == [("2018-02-03 00:00:00", day(11)), (day(12), "")]
    assert found[account(1)] == [(day(12), "")]


def test_what_the_list_itself_ends_has_possible_times(clone: Clone) -> None:
    """The build rejects a label that ends before its report."""
    header = "address,category,source,reported_at,valid_to\n"
    leaves = f"{ONE},scam,desk,2018-01-01,2099-01-01\n"
    stays = f"{TWO},scam,desk,2018-01-01,2018-06-01\n"
    had_ended = f"{THREE},scam,desk,2018-01-01,2018-06-01\n"
    clone.commit(1, list=header + leaves + stays)
    clone.commit(2, list=header + leaves + stays + had_ended)
    clone.commit(3, list=header + stays + had_ended)
    begin = "2018-01-01 00:00:00"
    assert times(dated(clone, "label_data")) == {
        ONE.lower(): [(begin, day(3))],
        TWO: [(begin, "2018-06-01 00:00:00")],
    }
    assert rejects(clone.path.parent) == [("line 3", "had ended before a commit listed it")]


def test_tag_packs_have_a_history_too(clone: Clone) -> None:
    tag = "- {{address: {}, abuse: scam}}\n"
    head = "title: T\ncreator: C\nlastmod: 2019-06-01\ntags:\n"
    clone.commit(1, list=head + tag.format(ONE) + tag.format(TWO))
    clone.commit(2, list=head + tag.format(TWO))
    assert times(dated(clone, "graphsense_tagpack")) == {
        ONE.lower(): [(day(1), day(2))],
        TWO: [(day(1), "")],
    }


def test_sites_have_a_history_too(clone: Clone) -> None:
    def sites(*addresses: str) -> str:
        return "".join(
            f"-    \n    name: {a[:6]}\n    category: Phishing\n    addresses:\n      - '{a}'\n"
            for a in addresses
        )

    clone.commit(1, list=sites(ONE, TWO))
    clone.commit(2, list=sites(TWO, THREE))
    found = dated(clone, "etherscamdb")
    assert times(found) == {
        ONE.lower(): [(day(1), day(2))],
        TWO: [(day(1), "")],
        THREE.lower(): [(day(2), "")],
    }
    assert {x.comment for x in found} == {ONE[:6], TWO[:6], THREE[:6]}


def test_a_renamed_list_keeps_its_history(clone: Clone) -> None:
    many = [account(number) for number in range(20)]
    clone.commit(1, old=lines(*many))
    clone.git("mv", "old", "new list [1]")
    clone.write("new list [1]", lines(*many, ONE))
    clone.commit(2)
    clone.git("mv", "new list [1]", "list")
    clone.commit(3, unrelated="x")
    clone.commit(4, list=lines(*many[1:], ONE))
    found = times(dated(clone))
    assert found[account(0)] == [(day(1), day(4))]
    assert found[account(1)] == [(day(1), "")]
    assert found[ONE.lower()] == [(day(2), "")]


def test_a_list_that_was_deleted_for_a_while_was_taken_back(clone: Clone) -> None:
    clone.commit(1, list=lines(ONE))
    clone.git("rm", "--quiet", "list")
    clone.commit(2)
    clone.commit(3, list=lines(ONE, TWO))
    assert times(dated(clone)) == {
        ONE.lower(): [(day(1), day(2)), (day(3), "")],
        TWO: [(day(3), "")],
    }


def test_merges_count_when_they_come_onto_the_main_line(clone: Clone) -> None:
    many = [account(number) for number in range(40)]
    clone.commit(1, list=lines(*many))
    # Three branches that add at different places, and one that removes.
    changed = {
        "one": lines(ONE, *many),
        "two": lines(*many, TWO),
        "three": lines(*many[:20], THREE, *many[20:]),
        "four": lines(*many[:10], *many[11:]),
    }
    for on, (branch, text) in enumerate(changed.items(), start=2):
        clone.git("checkout", "--quiet", "-b", branch, "main")
        clone.commit(on, list=text)
    clone.git("checkout", "--quiet", "main")
    clone.commit(10, other="x")
    octopus = ["merge", "--quiet", "--message", "octopus", "one", "two", "three"]
    clone.git(*octopus, on=11)
    clone.git("merge", "--quiet", "--message", "four", "four", on=12)
    found = times(dated(clone))
    assert {found[address.lower()][0] for address in (ONE, TWO, THREE)} == {(day(11), "")}
    assert found[many[10]] == [(day(1), day(12))]
    assert found[many[11]] == [(day(1), "")]


def test_clocks_that_go_back_or_lead_into_the_future_give_no_impossible_time(
    clone: Clone,
) -> None:
    def commit(text: str, seconds: int) -> None:
        clone.write("list", text)
        clone.git("add", "--all")
        clone.git("commit", "--quiet", "--message", "x", seconds=seconds)

    commit(lines(ONE, TWO), 1_000)
    commit(lines(ONE, TWO, THREE), JANUARY + 5 * DAY)
    commit(lines(ONE, THREE), JANUARY)
    commit(lines(THREE), 4_000_000_000)
    found = times(dated(clone))
    assert found[THREE.lower()] == [(day(6), "")]
    # When the first commit was made nobody knows.
    assert found[TWO] == [("", day(6))]
    [(reported_at, valid_to)] = found[ONE.lower()]
    assert reported_at == ""
    assert day(6) < valid_to < "2100"


def test_attributes_filters_and_messages_do_not_matter(clone: Clone) -> None:
    clone.write(".gitattributes", "list -diff -text binary\n")
    clone.write("list", lines(ONE))
    clone.git("add", "--all")
    (clone.path / "message").write_bytes(b"caf\xe9 \xff\x01 :100644\n")
    clone.git("-c", "i18n.commitEncoding=bogus", "commit", "--quiet", "--file", "message", on=1)
    clone.git("config", "log.showSignature", "true")
    clone.git("config", "diff.external", "false")
    clone.git("config", "log.follow", "true")
    clone.commit(2, list=b"\x00\xff" + lines(ONE, TWO).encode())
    clone.commit(3, list=lines(TWO))
    assert times(dated(clone)) == {ONE.lower(): [(day(1), day(3))], TWO: [(day(2), "")]}


def test_the_list_may_lie_deep_and_the_path_start_anywhere(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.write("some folder/-é*.txt", lines(ONE))
    clone.write("some folder/-é2.txt", lines(TWO))
    clone.commit(1)
    expected = {ONE.lower(): [(day(1), "")]}
    file = "some folder/-é*.txt"
    assert times(dated(clone, "ofac", file)) == expected
    assert times(dated(clone, "ofac", str(clone.path / file))) == expected
    monkeypatch.chdir(clone.path / "some folder")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert times(dated(clone, "ofac", "./-é*.txt")) == expected


def test_a_bare_clone_will_do_and_the_working_tree_is_not_looked_at(
    clone: Clone, tmp_path: Path
) -> None:
    clone.commit(1, list=lines(ONE))
    clone.write("list", lines(TWO))
    assert times(dated(clone)) == {ONE.lower(): [(day(1), "")]}
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", str(clone.path), str(tmp_path / "bare")], check=True
    )
    clone.path = tmp_path / "bare"
    assert times(dated(clone)) == {ONE.lower(): [(day(1), "")]}


def test_an_address_in_a_comment_is_no_label(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    def items(*comments: str) -> str:
        return json.dumps([{"address": ONE, "comment": c, "date": ""} for c in comments])

    clone.commit(1, list=items(f"sends to {TWO}"))
    clone.commit(2, list=items("says nothing"))
    found = dated(clone, "mew_darklist")
    assert times(found) == {ONE.lower(): [(day(1), "")]}
    assert not (clone.path.parent / "labels.csv.rejects").exists()
    assert "in no row" not in capsys.readouterr().out
    clone.commit(3, list=items(f"sends to {TWO}"))
    dated(clone, "mew_darklist")
    assert "1 addresses in no row of their own" in capsys.readouterr().out


def test_a_list_that_was_in_another_layout_loses_nothing_silently(clone: Clone) -> None:
    clone.commit(1, list=lines(ONE, TWO))
    clone.commit(2, list=f"address,category\n{TWO},Phishing\n")
    assert times(dated(clone, "etdg")) == {TWO: [(day(1), "")]}
    assert [reason for _, reason in rejects(clone.path.parent)] == ["missing category"]
    found = dated(clone, "etdg", "list", "--category", "phishing")
    assert times(found) == {ONE.lower(): [(day(1), day(2))], TWO: [(day(1), "")]}


def test_a_shallow_clone_is_refused(
    clone: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.commit(1, list=lines(ONE))
    clone.commit(2, list=lines(ONE, TWO))
    shallow, whole = tmp_path / "shallow", clone.path.as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", whole, str(shallow)], check=True)
    clone.path = shallow
    assert f"git -C {shallow} fetch --unshallow" in refused(clone, capsys)
    subprocess.run(["git", "-C", str(shallow), "fetch", "--quiet", "--unshallow"], check=True)
    assert times(dated(clone))[ONE.lower()] == [(day(1), "")]


def test_a_partial_clone_is_refused(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    clone.commit(1, list=lines(ONE))
    clone.git("config", "remote.origin.promisor", "true")
    assert "is partial" in refused(clone, capsys)


def test_a_list_that_is_not_there_is_said(
    clone: Clone,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "git cannot read" in refused(clone, capsys)
    clone.commit(1, other="x", **{"folder/deep": "y"})
    assert "No commit of" in refused(clone, capsys)
    assert "is not in the clone" in refused(clone, capsys, "--in", "/elsewhere/list")
    assert "is a folder" in refused(clone, capsys, "--in", "folder")
    clone.commit(2, list=lines(ONE))
    clone.git("rm", "--quiet", "list")
    clone.commit(3)
    assert "is not in the last commit" in refused(clone, capsys)
    clone.commit(4, list="")
    assert "list is empty" in refused(clone, capsys)
    clone.path = tmp_path / "none"
    assert "is not a folder" in refused(clone, capsys)
    clone.path.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "git cannot read" in refused(clone, capsys)


def test_git_that_is_not_installed_is_said(
    clone: Clone, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert "--history needs git" in refused(clone, capsys)


def test_history_and_the_last_import_exclude_each_other(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        dated(clone, "ofac", "list", "--previous", "labels.csv")
    assert "leave out --previous" in capsys.readouterr().err


def test_differences_find_what_changed_whatever_it_is() -> None:
    chance = random.Random(7)
    for _ in range(150):
        parting = chance.choice(["\n", ", ", ",\n  "])
        old = [account(chance.randrange(300)) for _ in range(chance.randrange(200))]
        new = old.copy()
        for _ in range(chance.randrange(6)):
            new.insert(chance.randrange(len(new) + 1), account(chance.randrange(300)))
            if chance.random() < 0.5:
                new.pop(chance.randrange(len(new)))
        if chance.random() < 0.2:
            chance.shuffle(new)
        texts = [parting.join(items).encode() for items in (old, new)]
        found, lost = _changed(*texts)
        assert lost == set(old) - set(new)
        assert set(new) - set(old) <= found <= set(new)


def test_small_changes_of_large_texts_are_small_differences() -> None:
    old = [account(number) for number in range(5_000)]
    new = [*old[:1_000], ONE, *old[1_000:4_000], *old[4_001:]]
    parts = list(differences("\n".join(old).encode(), "\n".join(new).encode()))
    assert sum(len(one) + len(other) for one, other in parts) < 10_000
    assert ONE.lower() in set().union(*(_addresses(other) for _, other in parts))


def test_thousands_of_commits_are_read_in_one_go(tmp_path: Path) -> None:
    """3,800 commits of a list of some 1,200 addresses, most of which also take one back."""
    clone = Clone(tmp_path / "clone")
    chance, listed, stream = random.Random(1), [account(n) for n in range(500)], []
    removed = 0
    for number in range(3_800):
        if number and chance.random() < 0.8:
            listed.pop(chance.randrange(len(listed)))
            removed += 1
        listed.insert(chance.randrange(len(listed)), account(1_000 + number))
        text = lines(*listed)
        stream.append(
            f"commit refs/heads/main\ncommitter A <a> {JANUARY + number * 60} +0000\n"
            f"data 1\nx\nM 644 inline list\ndata {len(text)}\n{text}\n"
        )
    subprocess.run(
        ["git", "-C", str(clone.path), "fast-import", "--quiet"],
        input="".join(stream).encode(),
        check=True,
    )
    found = dated(clone)
    assert sum(not label.valid_to for label in found) == len(listed)
    assert sum(bool(label.valid_to) for label in found) == removed
