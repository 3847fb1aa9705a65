"""Label lists become LABEL_DATA: nothing lost silently, what is taken back gets valid_to.

All addresses here are invented; real lists are read where they are present (env REAL_DATA).
"""

import itertools
import json
from pathlib import Path

import pytest

from commands.labels import categories
from commands.labels.__main__ import main
from commands.labels.categories import LIST_WORDS, SEED, known_words
from commands.labels.label import Label, parse_time
from commands.labels.layouts import LAYOUTS
from support import REAL_DATA
from support.dbt_project import account
from support.label_lists import ONE, THREE, TWO, imported, refused, rejects

SEPTEMBER, OCTOBER = "2019-09-01 00:00:00", "2019-10-01 00:00:00"

FORTA_PHISHING = f"""address,etherscan_tag,etherscan_labels,is_contract
{ONE},Fake_Phishing1,phish-hack,False
{TWO},"A Token, ""free"" (FREE)",phish-hack,True
"""
FORTA_MALICIOUS = f"""banned_address,wallet_tag,data_source
{ONE},Fake_Phishing1,etherscan-phish-hack-list
{TWO},Some Bridge Exploiter,etherscan-exploit-list
{THREE},,etherscan-heist-list
"""
MEW_DARKLIST = json.dumps(
    [
        {"address": ONE, "comment": "Fake crowdsale site", "date": "2018-02-03"},
        {"address": TWO, "comment": "Fake wallet", "date": "7/18/17"},
        {"address": THREE, "comment": "", "date": ""},
    ]
)
ETHERSCAN_TAGS = f"""address,name,family,type,website,tx_count
{ONE},Some Exchange 2,exchange,account,,12
{TWO},,phish-hack,tokens,,3
{THREE},A Token (TOK),gaming,tokens,https://token.example,
"""
ETDG = f"address,category\n{ONE},Phishing\n{TWO},Fake ICO\n{THREE},Scamming\n"
OWN = f"""address,category,source,reported_at,url,usage
{ONE},rug pull,Our Desk,2019-09-01T02:00+02:00,https://desk.example/1,
{TWO},normal,Our Desk,,,external
"""


@pytest.mark.parametrize(
    ("layout", "text", "expected"),
    [
        (
            "forta_phishing",
            FORTA_PHISHING,
            [
                (TWO, "phishing", "forta_phishing_scams", "", 'A Token, "free" (FREE)'),
                (ONE, "phishing", "forta_phishing_scams", "", "Fake_Phishing1"),
            ],
        ),
        (
            "forta_malicious",
            FORTA_MALICIOUS,
            [
                (TWO, "hack", "forta_etherscan_malicious_labels", "", "Some Bridge Exploiter"),
                (THREE, "hack", "forta_etherscan_malicious_labels", "", ""),
                (ONE, "phishing", "forta_etherscan_malicious_labels", "", "Fake_Phishing1"),
            ],
        ),
        (
            "mew_darklist",
            MEW_DARKLIST,
            [
                (TWO, "scam", "mew_darklist", "2017-07-18 00:00:00", "Fake wallet"),
                (THREE, "scam", "mew_darklist", "", ""),
                (ONE, "scam", "mew_darklist", "2018-02-03 00:00:00", "Fake crowdsale site"),
            ],
        ),
        (
            "ofac",
            f"{ONE}\n# a remark\n\n{TWO}\n",
            [
                (TWO, "sanctioned", "ofac_sdn", "", ""),
                (ONE, "sanctioned", "ofac_sdn", "", ""),
            ],
        ),
        (
            "etherscan_tags",
            ETHERSCAN_TAGS,
            [
                (TWO, "phishing", "etherscan_tags", "", "phish-hack"),
                (THREE, "token_contract", "etherscan_tags", "", "A Token (TOK), gaming"),
                (ONE, "exchange", "etherscan_tags", "", "Some Exchange 2, exchange"),
            ],
        ),
        (
            "etdg",
            ETDG,
            [
                (TWO, "fake_ico", "etdg", "", ""),
                (THREE, "scam", "etdg", "", ""),
                (ONE, "phishing", "etdg", "", ""),
            ],
        ),
        (
            "label_data",
            OWN,
            [
                (TWO, "benign", "our desk", "", ""),
                (ONE, "rug_pull", "our desk", SEPTEMBER, ""),
            ],
        ),
    ],
)
def test_each_layout_gives_labels_with_their_provenance(
    tmp_path: Path, layout: str, text: str, expected: list[tuple[str, ...]]
) -> None:
    found = imported(tmp_path, layout, text)
    assert [
        (label.address, label.category, label.source, label.reported_at, label.comment)
        for label in found
    ] == [(address.lower(), *others) for address, *others in expected]
    assert not (tmp_path / "labels.csv.rejects").exists()


def test_own_labels_keep_their_url_and_usage(tmp_path: Path) -> None:
    found = imported(tmp_path, "label_data", OWN)
    assert [(label.url, label.usage) for label in found] == [
        ("", "external"),
        ("https://desk.example/1", "training"),
    ]


def test_options_speak_for_all_rows_and_date_only_those_without_a_date(tmp_path: Path) -> None:
    options = ["--source", "MEW copy", "--usage", "external", "--url", "https://list.example"]
    options += ["--reported-at", "2019-09-01", "--category", "Fake ICO"]
    found = imported(tmp_path, "mew_darklist", MEW_DARKLIST, *options)
    assert {(label.source, label.usage, label.url, label.category) for label in found} == {
        ("mew copy", "external", "https://list.example", "fake_ico")
    }
    dates = {label.address: label.reported_at for label in found}
    assert dates == {
        ONE.lower(): "2018-02-03 00:00:00",
        TWO.lower(): "2017-07-18 00:00:00",
        THREE.lower(): SEPTEMBER,
    }


def test_a_plain_list_needs_a_category_and_a_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    category, source = ["--category", "scam"], ["--source", "regulator"]
    assert "give --source" in refused(capsys, tmp_path, "address_lines", ONE, *category)
    assert "give --category" in refused(capsys, tmp_path, "address_lines", ONE, *source)
    [label] = imported(tmp_path, "address_lines", ONE, *category, *source)
    assert label == Label(ONE.lower(), "scam", "regulator")


def test_bad_rows_are_reported_with_their_place_and_never_where_a_glob_finds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = OWN + "\n".join(
        [
            "0x12,scam,desk,,,",
            f"{account(1)}0,scam,desk,,,",
            f"{account(2)},,desk,,,",
            f"{account(3)},scam,,,,",
            f"{account(4)},scam,desk,last week,,",
            f"{account(5)},scam,desk,2999-01-01,,",
            f"{account(6)},scam,desk,1999-01-01,,",
            f"{account(7)},scam,desk,,,testing",
            f"{account(8)},scam",
        ]
    )
    assert len(imported(tmp_path, "label_data", text)) == 2
    expected = [
        ("line 4", "malformed address"),
        ("line 5", "malformed address"),
        ("line 6", "missing category"),
        ("line 7", "missing source"),
        ("line 8", "unreadable reported_at last week"),
        ("line 9", "date in the future"),
        ("line 10", "date before the first block (2015-07-30)"),
        ("line 11", "unknown usage, expected training or external"),
        ("line 12", "2 values instead of 6"),
    ]
    assert rejects(tmp_path) == expected
    said = capsys.readouterr()
    assert "line 4: malformed address: address=0x12, category=scam" in said.err
    assert "11 rows, 9 rejected" in said.out
    assert [path.name for path in tmp_path.glob("*.csv")] == ["labels.csv"]
    imported(tmp_path, "label_data", OWN)
    assert not (tmp_path / "labels.csv.rejects").exists()


def test_an_item_of_json_that_is_no_object_is_rejected(tmp_path: Path) -> None:
    items = [*json.loads(MEW_DARKLIST), "0x12", {"address": "0x12", "comment": None, "date": ""}]
    assert len(imported(tmp_path, "mew_darklist", json.dumps(items))) == 3
    assert rejects(tmp_path) == [("item 4", "not an object"), ("item 5", "malformed address")]


def test_a_list_of_bad_rows_only_leaves_the_labels_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, "ofac", ONE)
    assert "No row of" in refused(capsys, tmp_path, "ofac", "0x12\n0x13")
    assert len(rejects(tmp_path)) == 2


def test_duplicates_are_one_label_in_any_order(tmp_path: Path) -> None:
    lines = [
        f"{ONE},phishing,desk,2019-10-01,https://b.example,external,second",
        f"{ONE.lower()},Phish Hack,Desk,2019-09-01,,training,first",
        f"{ONE},phishing,desk,,https://a.example,training,first",
    ]
    header = "address,category,source,reported_at,url,usage,comment\n"
    expected = Label(
        ONE.lower(),
        "phishing",
        "desk",
        SEPTEMBER,
        "https://a.example",
        usage="external",
        comment="first | second",
    )
    for order in itertools.permutations(lines):
        assert imported(tmp_path, "label_data", header + "\n".join(order)) == [expected]


def test_unknown_categories_are_all_named_unless_there_is_one_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ETDG + f"{account(1)},Nice Person\n{account(2)},Nice Person\n{account(3)},Odd\n"
    said = refused(capsys, tmp_path, "etdg", text)
    assert "2 unknown categories, with their rows: nice_person (2), odd (1)." in said
    found = imported(tmp_path, "etdg", text, "--unknown-category", "other")
    assert sorted(label.category for label in found) == [
        *("fake_ico", "other", "other", "other", "phishing", "scam")
    ]
    for option in ("--category", "--unknown-category"):
        assert "odd is not a category" in refused(capsys, tmp_path, "etdg", ETDG, option, "odd")


@pytest.mark.parametrize(
    ("layout", "text", "found", "fitting"),
    [
        ("etdg", FORTA_MALICIOUS, "banned_address, wallet_tag, data_source", "forta_malicious"),
        ("forta_phishing", MEW_DARKLIST, "address, comment, date", "mew_darklist"),
        ("ofac", ETDG, "address, category", "etdg"),
        ("etdg", ONE, ONE, "ofac or address_lines"),
        ("mew_darklist", ETDG, "address, category", "etdg"),
        ("ofac", MEW_DARKLIST, "address, comment, date", "mew_darklist"),
        ("mew_darklist", '[{"account": "0x12"}]', "account", ""),
        ("mew_darklist", "{}", "JSON object: empty", ""),
        ("etdg", "", "nothing", ""),
    ],
)
def test_the_wrong_layout_is_refused_with_the_columns_found(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    layout: str,
    text: str,
    found: str,
    fitting: str,
) -> None:
    said = refused(capsys, tmp_path, layout, text)
    assert f"is not in the layout {layout}" in said
    assert found in said
    assert f"Fits: --layout {fitting}." in said if fitting else "Fits" not in said


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is empty" in refused(capsys, tmp_path, "etdg", "address,category\n")
    said = refused(capsys, tmp_path, "etdg", ETDG, "--reported-at", "soon")
    assert "--reported-at soon is not a time" in said
    said = refused(capsys, tmp_path, "etdg", ETDG, "--as-of", "2999-01-01")
    assert "date in the future" in said
    said = refused(capsys, tmp_path, "etdg", ETDG, "--previous", str(tmp_path / "none.csv"))
    assert "none.csv cannot be read: No such file" in said
    (tmp_path / "list").write_bytes(b"\xff\xfeaddress")
    out = str(tmp_path / "labels.csv")
    assert main(["--layout", "etdg", "--in", str(tmp_path / "list"), "--out", out]) == 1
    assert "is not UTF-8 text" in capsys.readouterr().err


def previous(tmp_path: Path) -> list[str]:
    return ["--previous", str(tmp_path / "labels.csv"), "--max-delisted-share", "1"]


def test_what_is_no_longer_listed_keeps_its_row_until_it_was_missed(tmp_path: Path) -> None:
    imported(tmp_path, "ofac", f"{ONE}\n{TWO}", "--reported-at", "2019-09-01")
    options = [*previous(tmp_path), "--reported-at", "2019-10-01", "--as-of", "2019-10-01T12:00Z"]
    found = imported(tmp_path, "ofac", f"{TWO}\n{THREE}", *options)
    assert [(label.address, label.reported_at, label.valid_to) for label in found] == [
        (TWO.lower(), SEPTEMBER, ""),
        (THREE.lower(), OCTOBER, ""),
        (ONE.lower(), SEPTEMBER, "2019-10-01 12:00:00"),
    ]
    # Once more the same list: nothing changes, the delisting keeps its time.
    options = [*previous(tmp_path), "--reported-at", "2019-12-01", "--as-of", "2019-12-01"]
    assert imported(tmp_path, "ofac", f"{TWO}\n{THREE}", *options) == found


def test_a_list_to_test_on_stays_one_until_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def usages(text: str, *options: str, layout: str = "ofac") -> list[str]:
        return [x.usage for x in imported(tmp_path, layout, text, *previous(tmp_path), *options)]

    imported(tmp_path, "ofac", f"{ONE}\n{TWO}", "--usage", "external")
    assert usages(f"{TWO}\n{THREE}") == ["external"] * 3
    assert "3 labels are external. --usage training would" in capsys.readouterr().out
    # Back again.
    assert usages(f"{ONE}\n{TWO}") == ["external"] * 4
    assert usages(ONE, "--usage", "training") == ["training"] * 4
    # In a list of both kinds a label keeps its own; what the list says holds.
    header = "address,category,source,reported_at,usage\n"
    both = f"{TWO},scam,desk,2019-09-01,external\n{THREE},scam,desk,2019-09-01,\n"
    imported(tmp_path, "label_data", header + both)
    without = f"{both.replace('external', '')}{ONE},scam,desk,2019-09-01,\n"
    assert usages(header + without, layout="label_data") == ["external", "training", "training"]
    said = both.replace("external", "training")
    assert usages(header + said, layout="label_data")[:2] == ["training", "training"]


def test_a_delisting_is_of_now_unless_said(tmp_path: Path) -> None:
    imported(tmp_path, "ofac", f"{ONE}\n{TWO}")
    before = parse_time("2026-01-01")
    gone, stays = sorted(
        imported(tmp_path, "ofac", TWO, *previous(tmp_path)),
        key=lambda label: not label.valid_to,
    )
    assert (gone.address, stays.address) == (ONE.lower(), TWO.lower())
    assert gone.valid_to > before
    assert not stays.valid_to


def test_what_is_listed_again_is_a_newer_report_beside_its_history(tmp_path: Path) -> None:
    def listed(items: list[tuple[str, str]], as_of: str) -> list[tuple[str, str]]:
        text = json.dumps([{"address": a, "comment": "", "date": date} for a, date in items])
        options = previous(tmp_path) if (tmp_path / "labels.csv").exists() else []
        found = imported(tmp_path, "mew_darklist", text, *options, "--as-of", as_of)
        return [(x.reported_at, x.valid_to) for x in found if x.address == ONE.lower()]

    old, stays = (ONE, "2018-01-01"), (TWO, "2018-01-01")
    ended = ("2018-01-01 00:00:00", SEPTEMBER)
    assert listed([old, stays], "2019-08-01") == [("2018-01-01 00:00:00", "")]
    assert listed([stays], "2019-09-01") == [ended]
    # The list gives it its old date again; were it taken, the delisting would win.
    assert listed([old, stays], "2019-10-01") == [ended, (OCTOBER, "")]
    assert listed([old, stays], "2019-11-01") == [ended, (OCTOBER, "")]
    again = (OCTOBER, "2019-12-01 00:00:00")
    assert listed([stays], "2019-12-01") == [ended, again]


def test_a_list_that_takes_back_by_itself_is_believed(tmp_path: Path) -> None:
    header = "address,category,source,reported_at,valid_to\n"
    stays = f"{TWO},scam,desk,2019-09-01,\n"
    imported(tmp_path, "label_data", f"{header}{ONE},scam,desk,2019-09-01,\n{stays}")
    text = f"{header}{ONE},scam,desk,2019-09-01,2019-10-01\n{stays}"
    found = imported(tmp_path, "label_data", text, *previous(tmp_path))
    assert [(label.address, label.valid_to) for label in found] == [
        (TWO.lower(), ""),
        (ONE.lower(), OCTOBER),
    ]


def test_what_ended_is_dated_too(tmp_path: Path) -> None:
    """Without a date it would count as known at any time before its end."""
    header = "address,category,source,reported_at,valid_to\n"
    ended = f"{header}{ONE},scam,desk,,2019-10-01\n{TWO},scam,desk,,2018-01-01\n"
    found = imported(tmp_path, "label_data", ended, "--reported-at", "2019-09-01")
    # The one that had ended before the list was published was reported earlier, nobody knows when.
    assert [label.reported_at for label in found] == ["", SEPTEMBER]
    # A label that the last import dates keeps that date when the list takes it back.
    imported(tmp_path, "label_data", f"{header}{ONE},scam,desk,2019-09-01,\n")
    text = f"{header}{ONE},scam,desk,,2019-10-01\n{THREE},scam,desk,2019-10-01,\n"
    found = imported(tmp_path, "label_data", text, *previous(tmp_path))
    assert [label.reported_at for label in found] == [OCTOBER, SEPTEMBER]
    # Listed again without a date, it is newer than what ended.
    imported(tmp_path, "label_data", f"{header}{ONE},scam,desk,2019-09-01,\n")
    again = f"{header}{ONE},scam,desk,,2019-10-01\n{ONE},scam,desk,,\n"
    found = imported(
        tmp_path, "label_data", again, *previous(tmp_path), "--reported-at", "2019-11-01"
    )
    assert [label.reported_at for label in found] == [SEPTEMBER, "2019-11-01 00:00:00"]


def test_rows_of_a_label_that_end_in_the_future_are_one(tmp_path: Path) -> None:
    header = "address,category,source,reported_at,usage,valid_to\n"
    external = f"{ONE},scam,desk,2019-09-01,external,2099-01-01\n"
    [found] = imported(
        tmp_path, "label_data", f"{header}{external}{ONE},scam,desk,2019-10-01,training,\n"
    )
    assert (found.reported_at, found.usage, found.valid_to) == (SEPTEMBER, "external", "")
    # Of equal reports the one that ends first holds.
    rows = "".join(
        f"{ONE},scam,desk,2019-09-01,,{end}\n" for end in ("", "2099-01-01", "2098-01-01")
    )
    [found] = imported(tmp_path, "label_data", header + rows)
    assert found.valid_to == "2098-01-01 00:00:00"


def test_a_list_cut_off_delists_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = [account(number) for number in range(10)]
    imported(tmp_path, "ofac", "\n".join(whole))
    last = ["--previous", str(tmp_path / "labels.csv")]
    said = refused(capsys, tmp_path, "ofac", "\n".join(whole[:7]), *last)
    assert "3 of the 10 labels that stood in the last import are not in this list" in said
    assert (
        sum(bool(x.valid_to) for x in imported(tmp_path, "ofac", "\n".join(whole[:8]), *last)) == 2
    )


def test_the_words_of_lists_mean_categories_that_the_project_reads_back() -> None:
    words = known_words()
    assert set(LIST_WORDS) <= set(words.values())
    # A file that was imported is read again: each category is a word for itself.
    assert {words.get(category) for category in words.values()} == set(words.values())
    of_lists = [
        word for words_of_category in LIST_WORDS.values() for word in words_of_category.split()
    ]
    assert len(of_lists) == len(set(of_lists))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_line_of_your_own_in_the_seed_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    """A spreadsheet adds a byte order mark. `suspicious` is a word of lists too."""
    own = "suspicious,scam,scam\nDark Net,darknet,other\ndarknet,darknet,other\n"
    seed = tmp_path / "seed.csv"
    seed.write_text(mark + SEED.read_text() + own, encoding="utf-8")
    monkeypatch.setattr(categories, "SEED", seed)
    text = f"address,category\n{ONE},Suspicious\n{TWO},dark-net\n{THREE},blocked\n"
    assert [x.category for x in imported(tmp_path, "etdg", text)] == ["darknet", "other", "scam"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "reported_category,category,label_kind\ndark,darknet,other\n",
            "no line for darknet itself",
        ),
        ("reported_category;category;label_kind\nscam;scam;scam\n", "between commas"),
        ("reported_category,category,label_kind\nscam\n", "between commas"),
    ],
)
def test_a_seed_that_a_build_could_not_read_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lines: str,
    said: str,
) -> None:
    monkeypatch.setattr(categories, "SEED", tmp_path / "seed.csv")
    (tmp_path / "seed.csv").write_text(lines)
    assert said in refused(capsys, tmp_path, "etdg", f"address,category\n{ONE},dark\n")


def test_layouts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-layouts"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}\n" in said for name in LAYOUTS)
    assert "banned_address, data_source, wallet_tag" in said


def test_layout_list_and_out_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--layout", "etdg"])
    assert "needs --in, --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--reviews", "x", "--usage", "external"], "leave out --usage"),
        (["--reviews", "x", "--previous", "labels.csv"], "leave out --previous"),
        (["--reviews", "x", "--review-rows", "labels.csv"], "--out other than --review-rows"),
        (["--layout", "ofac", "--in", "x", "--review-rows", "r"], "goes with --reviews only"),
        (["--layout", "ofac", "--in", "x", "--sha256", "ab"], "goes with --download only"),
    ],
    ids=str,
)
def test_an_option_that_would_have_no_effect_is_refused(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    """A checksum of --in was not looked at, and --usage external left reviews as they were."""
    with pytest.raises(SystemExit, match="2"):
        main([*options, "--out", "labels.csv"])
    assert said in capsys.readouterr().err


REAL_LISTS = {
    "forta_phishing": "forta_phishing_scams.csv",
    "forta_malicious": "forta_etherscan_malicious_labels.csv",
    "mew_darklist": "mew_darklist.json",
    "ofac": "ofac_eth.txt",
    "etherscan_tags": "etherscan_tags.csv",
    "etdg": "etdg_malicious_addresses_categories.csv",
}
# Transaction hashes among the addresses.
KNOWN_BAD = {"etdg": [(f"line {line}", "malformed address") for line in (13, 14, 15)]}


def test_dates_of_a_list_are_read_and_what_is_not_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "address,category,subcategory,reporter,first_listed_at,removed_at\n"
        f"{ONE},Phishing,Airdrop,somebody,2019-09-01T02:00:00+02:00,\n"
        f"{TWO},Scamming,,somebody,2019-09-01,2019-10-01\n"
    )
    found = imported(tmp_path, "listing_dates", text, "--source", "a list")
    assert [(x.category, x.reported_at, x.valid_to, x.comment) for x in found] == [
        ("scam", SEPTEMBER, OCTOBER, ""),
        ("phishing", SEPTEMBER, "", "Airdrop"),
    ]
    assert "Columns not read: reporter." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("etdg", f"address,category\n{ONE},Phishing\n{TWO}\n"),
        ("json_array", f'["{ONE}", null]'),
    ],
)
def test_a_row_that_cannot_be_read_is_no_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, text: str
) -> None:
    found = imported(tmp_path, layout, text, "--category", "phishing", "--source", "a list")
    assert [label.address for label in found] == [ONE.lower()]
    said = capsys.readouterr().out
    assert "2 rows, 1 rejected" in said
    assert "Columns not read" not in said


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}")
@pytest.mark.parametrize("layout", REAL_LISTS)
def test_a_real_list_keeps_every_address(tmp_path: Path, layout: str) -> None:
    path = REAL_DATA / "labels" / REAL_LISTS[layout]
    text = path.read_text()
    options = ["--unknown-category", "other"] if layout == "etherscan_tags" else []
    found = imported(tmp_path, layout, text, *options)
    bad = KNOWN_BAD.get(layout, [])
    assert bad == (rejects(tmp_path) if bad else [])
    assert bool(bad) == (tmp_path / "labels.csv.rejects").exists()

    # Counted without the importer: what stands between 0x and a delimiter.
    words = text.lower().replace('"', " ").replace(",", " ").split()
    addresses = {word for word in words if word.startswith("0x") and len(word) == 42}
    assert {label.address for label in found} == addresses
    assert len(addresses) > 100
    dated = layout == "mew_darklist"
    assert any(label.reported_at for label in found) == dated
