"""No row of a list is lost, and no value of it read as another, without a word.

All addresses here are invented.
"""

import json
from pathlib import Path

import pytest

from commands.labels.__main__ import main
from support.dbt_project import account
from support.label_lists import ONE, THREE, TWO, imported, refused, rejects, rows

PLAIN = ("--category", "phishing", "--source", "desk")
OWN_HEADER = "address,category,source,reported_at"


def pack(header: str, *tags: str) -> str:
    return header + "\ntags:\n" + "".join(f"- {tag}\n" for tag in tags)


@pytest.mark.parametrize(
    "row", [f'{TWO},"scam', f'{TWO},"sc"am', f'{TWO},"scam\n{account(5)},"x'], ids=str
)
def test_a_stray_quote_names_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    text = f"address,category\n{ONE},phishing\n{row}\n{THREE},phishing\n{account(4)},scam\n"
    said = refused(capsys, tmp_path, "etdg", text)
    assert "Line 3 has a quote that is not closed" in said


def test_a_quote_that_swallows_a_long_list_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "\n".join(f"{account(number)},scam" for number in range(5000))
    said = refused(capsys, tmp_path, "etdg", f'address,category\n{ONE},"scam\n{rows}\n')
    assert "Line 2 has a quote that is not closed" in said


@pytest.mark.parametrize("form", ["array", "lines", ";", "\t", "|"])
def test_own_labels_are_read_in_the_forms_of_a_build(tmp_path: Path, form: str) -> None:
    """A build refuses a file with a column for the network, and sends you here with it."""
    header = [*OWN_HEADER.split(","), "chain"]
    values = [[ONE, "scam", "s", "2019-01-05", "eth"], [TWO, "scam", "s", "2019-01-05", "bsc"]]
    items = [dict(zip(header, row, strict=True)) for row in values]
    texts = {"array": json.dumps(items), "lines": "\n".join(map(json.dumps, items))}
    table = "\n".join(form.join(row) for row in [header, *values])
    [label] = imported(tmp_path, "label_data", texts.get(form, table))
    assert (label.address, label.reported_at) == (ONE.lower(), "2019-01-05 00:00:00")
    assert [reason for _, reason in rejects(tmp_path)] == ["not on Ethereum: bsc"]


@pytest.mark.parametrize(
    ("start", "said"),
    [(b"PAR1\xff", "It is Parquet: write it as CSV."), (b"\x1f\x8b", "unpack it")],
)
def test_a_file_that_is_no_text_is_said_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: bytes, said: str
) -> None:
    (tmp_path / "list").write_bytes(start)
    paths = ["--in", str(tmp_path / "list"), "--out", str(tmp_path / "labels.csv")]
    assert main(["--layout", "label_data", *paths]) == 1
    assert said in capsys.readouterr().err


def test_columns_are_known_in_any_case(tmp_path: Path) -> None:
    text = f"Address,CATEGORY,Source,reported_at,USAGE,Valid_To\n{ONE},scam,s,2018-01-01,"
    found = imported(tmp_path, "label_data", f"{text}external,2019-01-01\n")
    assert [(x.usage, x.valid_to) for x in found] == [("external", "2019-01-01 00:00:00")]
    items = [{"Address": ONE, "Comment": "x", "DATE": "7/18/17"}]
    found = imported(tmp_path, "mew_darklist", json.dumps(items))
    assert [x.reported_at for x in found] == ["2017-07-18 00:00:00"]
    tag = f"{{Address: '{ONE}', abuse: scam, LastMod: 2022-02-20}}"
    found = imported(tmp_path, "graphsense_tagpack", pack("Creator: desk", tag))
    assert [(x.source, x.reported_at) for x in found] == [("desk", "2022-02-20 00:00:00")]
    found = imported(tmp_path, "explorer_labels", json.dumps({ONE: {"Labels": ["phish-hack"]}}))
    assert [x.category for x in found] == ["phishing"]


@pytest.mark.parametrize(
    ("layout", "header"),
    [
        ("etdg", "address,category,tag"),
        ("forta_phishing", "address,etherscan_labels,etherscan_tag"),
        ("etherscan_tags", "address,family,name,type"),
    ],
)
def test_each_known_word_of_a_category_is_a_label_and_the_others_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, header: str
) -> None:
    rest = "," * (header.count(",") - 1)
    text = f'{ONE},"exchange, Phish-Hack, a shop"{rest}\n{TWO},"phishing,scam,phishing"{rest}\n'
    found = imported(tmp_path, layout, f"{header}\n{text}")
    assert [(x.address, x.category) for x in found] == [
        *((TWO, "phishing"), (TWO, "scam")),
        *((ONE.lower(), "exchange"), (ONE.lower(), "phishing")),
    ]
    said = capsys.readouterr().out
    assert "Unknown words beside a known category, with their rows: a_shop (1)." in said


def test_the_first_column_with_a_known_word_decides(tmp_path: Path) -> None:
    text = f"address,name,family,type\n{ONE},x,a shop,phishing\n{TWO},x,exchange,phishing\n"
    found = imported(tmp_path, "etherscan_tags", text)
    assert {(x.address, x.category) for x in found} == {
        (ONE.lower(), "phishing"),
        (TWO, "exchange"),
    }


def test_each_known_concept_of_a_tag_is_a_label(tmp_path: Path) -> None:
    tag = f"{{address: '{ONE}', concepts: [exchange, phishing]}}"
    found = imported(tmp_path, "graphsense_tagpack", pack("creator: desk", tag))
    assert [x.category for x in found] == ["exchange", "phishing"]


@pytest.mark.parametrize("name", ["category", "Category"])
def test_a_column_that_stands_twice_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text = f"{OWN_HEADER},{name}\n{ONE},phishing,s,,exchange\n"
    said = refused(capsys, tmp_path, "label_data", text)
    assert "the column category stands there twice" in said


def test_a_key_that_stands_twice_in_a_tag_is_rejected(tmp_path: Path) -> None:
    tags = [
        f"{{address: '{ONE}', abuse: scam, Abuse: exchange}}",
        f"{{address: '{TWO}', abuse: scam}}",
    ]
    found = imported(tmp_path, "graphsense_tagpack", pack("creator: desk", *tags))
    assert [x.address for x in found] == [TWO.lower()]
    assert rejects(tmp_path) == [("tag 1", "abuse stands twice in it")]


def test_a_date_with_slashes_is_read_only_where_the_list_is_known_for_us_dates(
    tmp_path: Path,
) -> None:
    """03/04/20 is in April or in March."""
    text = f"{OWN_HEADER}\n{ONE},scam,s,03/04/20\n{TWO},scam,s,2020-04-03\n"
    assert len(imported(tmp_path, "label_data", text)) == 1
    assert rejects(tmp_path) == [("line 2", "unreadable reported_at 03/04/20")]


@pytest.mark.parametrize(
    "time",
    [
        *("2019-01-05 12:00:00 UTC", "2019-01-05 12:00:00.000 UTC", "2019-01-05 13:00:00 +0100"),
        *("2019-1-5 12:00", "2019-01-05t12:00:00z", "1546689600", "1546689600.0"),
    ],
)
def test_times_that_a_build_reads_are_read(tmp_path: Path, time: str) -> None:
    text = f"{OWN_HEADER}\n{ONE},scam,s,{time}\n"
    assert [x.reported_at for x in imported(tmp_path, "label_data", text)] == [
        "2019-01-05 12:00:00"
    ]


@pytest.mark.parametrize("nothing", ["None", "nan", "NULL", "NaT", "<NA>", r"\N"])
def test_what_says_that_there_is_nothing_is_read_as_a_build_reads_it(
    tmp_path: Path, nothing: str
) -> None:
    """A row with valid_to NaT was rejected, one with chain None counted as another network's."""
    header = f"{OWN_HEADER},usage,valid_to,chain"
    text = f"{header}\n{ONE},scam,s,{nothing},{nothing},{nothing},{nothing}\n"
    [label] = imported(tmp_path, "label_data", f"{text}{TWO},scam,{nothing},,,,\n")
    assert (label.reported_at, label.usage, label.valid_to) == ("", "training", "")
    assert rejects(tmp_path) == [("line 3", "missing source")]


@pytest.mark.parametrize("name", ["network", "Chain", "chainId", "blockchain", "Chain ID"])
@pytest.mark.parametrize("layout", ["label_data", "etdg"])
def test_every_list_can_say_which_network_a_row_is_of(
    tmp_path: Path, layout: str, name: str
) -> None:
    rows = [(ONE, "BSC"), (TWO, "Ethereum"), (THREE, ""), (account(4), "1"), (account(5), "0x1")]
    text = f"address,category,source,reported_at,{name}\n" + "".join(
        f"{address},scam,s,,{network}\n" for address, network in rows
    )
    found = imported(tmp_path, layout, text)
    assert {x.address for x in found} == {address.lower() for address, _ in rows[1:]}
    assert rejects(tmp_path) == [("line 2", "not on Ethereum: bsc")]


@pytest.mark.parametrize(
    ("network", "is_ethereum"),
    [
        *(
            (name, True)
            for name in ("ERC20", "Ethereum (ETH)", "{ethereum}", "['bnb', 'ethereum']")
        ),
        *((name, True) for name in ("BSC; Ethereum", "polygon|eth", "[]")),
        *((name, False) for name in ("BSC,", "[bnb]", "BEP20", "polygon;arbitrum")),
    ],
)
def test_networks_are_told_apart_however_several_are_written(
    tmp_path: Path, network: str, is_ethereum: bool
) -> None:
    header = "address,category,source,reported_at,blockchain"
    text = f'{header}\n{TWO},scam,s,,\n{ONE},scam,s,,"{network}"\n'
    found = imported(tmp_path, "label_data", text)
    assert (ONE.lower() in {x.address for x in found}) == is_ethereum


def test_what_follows_a_sharp_sign_is_a_comment(tmp_path: Path) -> None:
    text = f"# a list\n{ONE} # Somebody, Inc\n{TWO}#\n"
    found = imported(tmp_path, "ofac", text)
    assert {x.address for x in found} == {ONE.lower(), TWO}


def test_objects_of_explorers_say_their_network(tmp_path: Path) -> None:
    about = {ONE: {"labels": ["phish-hack"], "chainId": 56}, TWO: {"labels": ["phish-hack"]}}
    assert [x.address for x in imported(tmp_path, "explorer_labels", json.dumps(about))] == [
        TWO.lower()
    ]
    assert rejects(tmp_path) == [("item 1", "not on Ethereum: 56")]


@pytest.mark.parametrize("layout", ["explorer_labels", "mew_darklist"])
def test_a_list_of_networks_holds_ethereum_or_the_row_is_of_another(
    tmp_path: Path, layout: str
) -> None:
    of = {ONE: {"chains": ["bsc", "polygon"]}, TWO: {"chains": ["bsc", "ethereum"]}}
    of |= {THREE: {"networks": ["arbitrum"]}, account(4): {"Chain": ["eth"]}, account(5): {}}
    about = {key: {"labels": ["phish-hack"], **value} for key, value in of.items()}
    rows = [{"address": key, "comment": "", "date": "", **value} for key, value in of.items()]
    text = json.dumps(about if layout == "explorer_labels" else rows)
    found = imported(tmp_path, layout, text)
    assert {x.address for x in found} == {TWO.lower(), account(4), account(5)}
    assert rejects(tmp_path) == [
        ("item 1", "not on Ethereum: bsc, polygon"),
        ("item 3", "not on Ethereum: arbitrum"),
    ]


def test_what_explorers_say_besides_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"labels": ["phish-hack"], "label": "exchange", "image": "x.png", "subnet": ["bsc"]}
    [label] = imported(tmp_path, "explorer_labels", json.dumps({ONE: about}))
    assert label.category == "phishing"
    assert "Columns not read: label, image, subnet." in capsys.readouterr().out


@pytest.mark.parametrize("prefix", ["ethereum:", "mainnet:", "eth:", "eip155:1:"])
@pytest.mark.parametrize("suffix", ["", "@1"])
def test_ways_to_say_ethereum_in_the_address(tmp_path: Path, prefix: str, suffix: str) -> None:
    text = f"{prefix}{ONE}{suffix}\nbnb:{TWO}\nethereum:{THREE}@56\n"
    found = imported(tmp_path, "address_lines", text, *PLAIN)
    assert [x.address for x in found] == [ONE.lower()]
    assert [reason for _, reason in rejects(tmp_path)] == [
        "not on Ethereum: bnb",
        "not on Ethereum: chain 56",
    ]


def test_what_a_tag_says_of_its_own_puts_away_what_the_header_says_of_the_same(
    tmp_path: Path,
) -> None:
    tags = [
        f"{{address: '{ONE}', category: exchange}}",
        f"{{address: '{TWO}', currency: BSC}}",
        f"{{address: '{THREE}', usage: external, valid_to: 2022-03-01, creator: other}}",
    ]
    text = pack("creator: desk\nabuse: scam\nnetwork: ETH\nlastmod: 2022-01-01", *tags)
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert {(x.address, x.category, x.source, x.usage, x.valid_to) for x in found} == {
        (ONE.lower(), "exchange", "desk", "training", ""),
        (THREE.lower(), "scam", "other", "external", "2022-03-01 00:00:00"),
    }
    assert rejects(tmp_path) == [("tag 2", "not on Ethereum: bsc")]


def test_fields_of_a_tag_that_are_not_read_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = f"{{address: '{ONE}', abuse: scam, last_mod: 2022-02-20, actor: a}}"
    imported(tmp_path, "graphsense_tagpack", pack("title: T\ncreator: desk", tag))
    assert "Columns not read: title, last_mod, actor." in capsys.readouterr().out


@pytest.mark.parametrize("merged", ["<<: [*a, *b]", "<<: *a, <<: *b"])
def test_a_tag_inherits_from_several_anchors(tmp_path: Path, merged: str) -> None:
    header = "creator: desk\none: &a {abuse: scam}\ntwo: &b {abuse: hack, lastmod: 2022-01-01}"
    text = pack(header, f"{{address: '{ONE}', {merged}}}")
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert [(x.category, x.reported_at) for x in found] == [("scam", "2022-01-01 00:00:00")]


def test_packs_of_a_folder_in_any_case(tmp_path: Path) -> None:
    folder = tmp_path / "packs"
    folder.mkdir()
    for number, name in enumerate(("a.yaml", "b.YML", "c.Yaml")):
        tag = f"{{address: '{account(number)}', abuse: scam}}"
        (folder / name).write_text(pack("creator: desk", tag))

    out = tmp_path / "labels.csv"
    assert main(["--layout", "graphsense_tagpack", "--in", str(folder), "--out", str(out)]) == 0
    assert len(rows(out)) == 3


def test_sites_spell_their_addresses_in_any_way(tmp_path: Path) -> None:
    text = (
        f"- category: Phishing\n  addresses: ['{ONE}']\n"
        f"- category: Phishing\n  Addresses: ['{TWO}']\n"
        f"- category: Phishing\n  address: '{THREE}'\n"
        "- category: Phishing\n  url: https://site.example\n"
    )
    assert len(imported(tmp_path, "etherscamdb", text)) == 3


@pytest.mark.parametrize(
    ("reported_at", "valid_to", "reason"),
    [
        ("", "1999-01-01", "impossible valid_to, expected 2015-07-30 to 2100-01-01"),
        ("", "2999-01-01", "impossible valid_to, expected 2015-07-30 to 2100-01-01"),
        ("2020-01-02", "2020-01-01", "valid_to before reported_at"),
        ("2020-01-02", "2020-01-02", ""),
        ("", "2020-01-02", ""),
    ],
)
def test_a_label_ends_at_a_time_that_can_be(
    tmp_path: Path, reported_at: str, valid_to: str, reason: str
) -> None:
    text = f"{OWN_HEADER},valid_to\n{ONE},scam,s,{reported_at},{valid_to}\n{TWO},scam,s,,\n"
    assert len(imported(tmp_path, "label_data", text)) == (1 if reason else 2)
    if reason:
        assert [found for _, found in rejects(tmp_path)] == [reason]


@pytest.mark.parametrize("row", [f"{TWO},scam,s,01.01.2019", f"{TWO},scam,s,2019-01-01,,,x"])
def test_a_label_whose_new_row_is_rejected_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    before = f"{OWN_HEADER}\n{ONE},scam,s,2018-01-01\n{TWO},scam,s,2018-01-01\n"
    imported(tmp_path, "label_data", before)
    last = ["--previous", str(tmp_path / "labels.csv")]
    found = imported(tmp_path, "label_data", before.rsplit("\n", 2)[0] + f"\n{row}\n", *last)
    assert [(x.address, x.valid_to) for x in found] == [(TWO.lower(), ""), (ONE.lower(), "")]
    assert "0 delisted" in (said := capsys.readouterr().out)
    assert "1 labels stand as before" in said


def test_a_delisting_is_not_before_the_report(tmp_path: Path) -> None:
    imported(tmp_path, "label_data", f"{OWN_HEADER}\n{ONE},scam,s,2019-01-01\n{TWO},scam,s,\n")
    last = ["--previous", str(tmp_path / "labels.csv"), "--max-delisted-share", "1"]
    text = f"{OWN_HEADER}\n{TWO},scam,s,\n"
    found = imported(tmp_path, "label_data", text, *last, "--as-of", "2018-01-01")
    assert {x.valid_to for x in found if x.address == ONE.lower()} == {"2019-01-01 00:00:00"}


def test_an_array_that_begins_with_no_text_is_still_an_array_of_texts(tmp_path: Path) -> None:
    found = imported(tmp_path, "json_array", json.dumps([None, ONE]), *PLAIN)
    assert [x.address for x in found] == [ONE.lower()]
    assert rejects(tmp_path) == [("item 1", "not a text")]


def test_objects_may_stand_one_a_line(tmp_path: Path) -> None:
    items = [{"address": address, "comment": "", "date": ""} for address in (ONE, TWO)]
    text = "\n".join(map(json.dumps, items)) + "\n"
    assert len(imported(tmp_path, "mew_darklist", text)) == 2
