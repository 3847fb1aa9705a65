"""Lists as their publishers write them: TagPacks, JSON of explorers and arrays, OFAC's CSV.

All addresses here are invented; real lists are read where they are present (env REAL_DATA).
"""

import json
from pathlib import Path

import pytest

from commands.labels.__main__ import main
from support import REAL_DATA
from support.dbt_project import account
from support.label_lists import ONE, THREE, TWO, imported, refused, rejects, rows

TAG_PACK = f"""title: Invented pack
creator: Somebody
lastmod: 2022-08-01
currency: ETH
source: https://list.example
confidence: web_crawl
tags:
  - address: '{ONE}'
    label: An invented giveaway
    abuse: scam
    lastmod: 2022-02-20
  - address: '{TWO}'
    label: An invented exchange
    category: exchange
"""
ADDRESSES = json.dumps([ONE, TWO, THREE], indent=2)
NULL = "-0- "
SDN = "".join(
    f'{number},"{name}","individual","CYBER2",{",".join([NULL] * 7)},"{remarks}"\n'
    for number, name, remarks in [
        (
            90001,
            "INVENTED, Person",
            f"DOB 01 Jan 1990; Digital Currency Address - ETH {ONE}; Digital Currency Address - XBT"
            f" 1Invented1; alt. Digital Currency Address - ETH {TWO}.",
        ),
        (90002, "INVENTED MIXER", f"Digital Currency Address - ETH {THREE}."),
        (90003, "NO ADDRESS", NULL),
    ]
)
PLAIN = ("--category", "phishing", "--source", "desk")


def pack(*tags: str, header: str = "title: T\ncreator: Somebody\ncurrency: ETH\n") -> str:
    return header + "tags:\n" + "".join(f"- {tag}\n" for tag in tags)


# --- TagPacks


def test_a_tag_inherits_from_the_header_and_overrides_it(tmp_path: Path) -> None:
    exchange, scam = imported(tmp_path, "graphsense_tagpack", TAG_PACK)
    assert (scam.address, scam.category, scam.reported_at, scam.comment) == (
        *(ONE.lower(), "scam", "2022-02-20 00:00:00", "An invented giveaway"),
    )
    assert (exchange.address, exchange.category, exchange.reported_at) == (
        *(TWO, "exchange", "2022-08-01 00:00:00"),
    )
    assert {(x.source, x.url, x.confidence) for x in (exchange, scam)} == {
        ("somebody", "https://list.example", "web_crawl")
    }


def test_values_of_yaml_stay_texts(tmp_path: Path) -> None:
    """Unquoted, YAML reads an address as a number, NO as false, a date as a date."""
    text = pack(
        f"{{address: {ONE}, abuse: scam, label: NO, lastmod: 2022-02-20 10:30:00}}",
        f"{{address: {TWO.replace('0x', '0X')}, abuse: scam, label: 0x10}}",
        f"{{address: '{THREE} ', abuse: scam, label: 1e3}}",
    )
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert {x.address: x.comment for x in found} == {
        ONE.lower(): "NO",
        TWO: "0x10",
        THREE.lower(): "1e3",
    }
    assert {x.reported_at for x in found} == {"", "2022-02-20 10:30:00"}


def test_abuse_decides_before_category_and_concepts(tmp_path: Path) -> None:
    text = pack(
        f"{{address: {ONE}, abuse: pyramid_scheme, category: exchange, label: a}}",
        f"{{address: {TWO}, concepts: [hosted_wallet, defi_dex], label: b}}",
    )
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert {x.address: x.category for x in found} == {ONE.lower(): "ponzi", TWO: "dex"}


def test_tags_of_other_networks_are_counted_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = pack(
        f"{{address: {ONE}, abuse: scam}}",
        f"{{address: {TWO}, abuse: scam, currency: USDT}}",
        f"{{address: {THREE}, abuse: scam, currency: USDT, network: BSC}}",
        f"{{address: {account(1)}, abuse: scam, currency: ETC}}",
        "{address: TInvented, abuse: scam, currency: TRX}",
        "{address: TInvented, abuse: scam, currency: USDT}",
        "{address: 1Invented, abuse: scam}",
    )
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert {x.address for x in found} == {ONE.lower(), TWO}
    assert rejects(tmp_path) == [
        ("tag 3", "not on Ethereum: bsc"),
        ("tag 4", "not on Ethereum: etc"),
        ("tag 5", "not on Ethereum: trx"),
        ("tag 6", "not on Ethereum: usdt"),
        ("tag 7", "malformed address"),
    ]
    said = capsys.readouterr()
    assert "Not on Ethereum: 4 rows (bsc 1, etc 1, trx 1, usdt 1)." in said.out
    assert "7 rows, 1 rejected" in said.out


def test_a_folder_of_packs_is_one_list(tmp_path: Path) -> None:
    packs = tmp_path / "packs" / "deeper"
    packs.mkdir(parents=True)
    (packs.parent / "one.yaml").write_text(pack(f"{{address: {ONE}, abuse: scam}}"))
    (packs / "two.yml").write_text(pack("{address: 0x12, abuse: scam}", header="creator: B\n"))
    (packs / "config.txt").write_text("no pack")
    out = tmp_path / "labels.csv"
    assert main(["--layout", "graphsense_tagpack", *paths(packs.parent, out)]) == 0
    assert [x.address for x in rows(out)] == [ONE.lower()]
    assert rejects(tmp_path) == [("deeper/two.yml tag 1", "malformed address")]


def paths(list_path: Path, out: Path) -> list[str]:
    return ["--in", str(list_path), "--out", str(out)]


def test_a_folder_without_packs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--layout", "graphsense_tagpack", *paths(tmp_path, tmp_path / "x.csv")]) == 1
    assert "has no TagPacks" in capsys.readouterr().err


def test_a_tag_that_says_two_things_or_none_is_rejected(tmp_path: Path) -> None:
    text = pack(
        f"{{address: {ONE}, abuse: scam, abuse: phishing}}",
        f"{{address: {{deep: {ONE}}}, abuse: scam}}",
        "only a text",
        f"{{address: {TWO}, label: no category}}",
        f"{{address: {THREE}, abuse: scam}}",
    )
    assert len(imported(tmp_path, "graphsense_tagpack", text)) == 1
    assert rejects(tmp_path) == [
        ("tag 1", "abuse stands twice in it"),
        ("tag 2", "address is not text"),
        ("tag 3", "not a tag"),
        ("tag 4", "missing category"),
    ]


def test_anchors_and_merge_keys_are_followed(tmp_path: Path) -> None:
    text = f"""title: T
creator: Somebody
defaults: &defaults {{currency: ETH, abuse: scam, label: inherited}}
tags:
- {{<<: *defaults, address: {ONE}}}
- {{<<: *defaults, address: {TWO}, abuse: phishing}}
"""
    found = imported(tmp_path, "graphsense_tagpack", text)
    assert {(x.address, x.category, x.comment) for x in found} == {
        (ONE.lower(), "scam", "inherited"),
        (TWO, "phishing", "inherited"),
    }


BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 8)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: T\ntags: " + "[" * 100_000, "nested too deeply"),
        ("title: T\ntags: &x [*x]", "unknown alias"),
        ("title: T\ntags:\n- {address: [", "YAML that breaks off at line 4"),
        ("title: T\nactors: []", "Found: YAML: title, actors"),
        (pack(header=BOMB), "No row of"),
    ],
)
def test_yaml_that_is_no_pack_or_a_trap_ends_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    assert said in refused(capsys, tmp_path, "graphsense_tagpack", text)


def test_a_header_in_another_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"header: !include header.yaml\ntags:\n- {{address: {ONE}, abuse: scam}}\n"
    refused(capsys, tmp_path, "graphsense_tagpack", text)
    assert "the header is in another file (header.yaml)" in rejects(tmp_path)[0][1]


def test_yaml_in_another_layout_is_called_yaml(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for layout in ("address_lines", "etdg", "mew_darklist", "json_array"):
        said = refused(capsys, tmp_path, layout, TAG_PACK, *PLAIN)
        assert "Found: YAML TagPack: title, creator" in said
        assert said.endswith("Fits: --layout graphsense_tagpack.\n")


# --- EtherScamDB

SITES = f"""-
    id: 1
    name: list.example
    url: 'http://list.example'
    category: Phishing
    subcategory: A wallet
    addresses:
      - {ONE}
      - '{TWO}'
-
    id: 2
    name: no-address.example
    category: Scamming
- name: several.example
  category: Fake ICO
  addresses:
    ETH: ['{THREE}']
    BTC: [1Invented]
- name: nothing.example
  category: Scamming
  addresses:
"""


def test_each_address_of_a_site_is_a_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(tmp_path, "etherscamdb", SITES)
    assert {(x.address, x.category, x.url, x.comment) for x in found} == {
        (ONE.lower(), "phishing", "http://list.example", "list.example, A wallet"),
        (TWO, "phishing", "http://list.example", "list.example, A wallet"),
        (THREE.lower(), "fake_ico", "", "several.example"),
    }
    assert "4 rows, 0 rejected" in capsys.readouterr().out
    assert rejects(tmp_path) == [("item 3", "not on Ethereum: btc")]
    said = refused(capsys, tmp_path, "address_lines", SITES, *PLAIN)
    assert "Found: YAML list: id, name, url" in said
    assert "Fits: --layout etherscamdb." in said


def test_sites_that_are_none_are_rejected(tmp_path: Path) -> None:
    text = SITES + f"- only a text\n- {{name: a, name: b, category: x, addresses: [{ONE}]}}\n"
    text += "- {name: a, category: Phishing, addresses: [[deep]]}\n"
    assert len(imported(tmp_path, "etherscamdb", text)) == 3
    assert rejects(tmp_path)[1:] == [
        ("item 5", "not a site"),
        ("item 6", "name stands twice in it"),
        ("item 7", "an address is not text"),
    ]


# --- JSON


@pytest.mark.parametrize("text", [ADDRESSES, json.dumps([ONE, TWO, THREE])])
def test_an_array_of_addresses_is_a_list(tmp_path: Path, text: str) -> None:
    found = imported(tmp_path, "json_array", text, *PLAIN)
    assert {(x.address, x.category, x.source) for x in found} == {
        (address.lower(), "phishing", "desk") for address in (ONE, TWO, THREE)
    }


@pytest.mark.parametrize("text", [ADDRESSES, json.dumps([ONE, TWO, THREE])])
@pytest.mark.parametrize("layout", ["address_lines", "mew_darklist", "etdg", "explorer_labels"])
def test_an_array_of_addresses_in_another_layout_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, text: str
) -> None:
    said = refused(capsys, tmp_path, layout, text, *PLAIN)
    assert "Found: JSON array of texts: 0x" in said
    assert "Fits: --layout json_array." in said


def test_broken_json_is_said_with_its_place_and_the_labels_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, "json_array", ADDRESSES, *PLAIN)
    missing_comma = ADDRESSES.replace(",", "", 1)
    said = refused(capsys, tmp_path, "json_array", missing_comma, *PLAIN)
    assert "broken JSON, line 3, column 3: Expecting ',' delimiter" in said
    assert said.count("\n") == 1
    deep = refused(capsys, tmp_path, "json_array", "[" * 100_000, *PLAIN)
    assert "broken JSON" in deep
    assert "Traceback" not in deep
    number = refused(capsys, tmp_path, "json_array", f"[{'9' * 5000}]", *PLAIN)
    assert "broken JSON" in number


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("json_array", "[]"),
        ("mew_darklist", "[]"),
        ("explorer_labels", "{}"),
        ("graphsense_tagpack", "title: T\ntags: []"),
        ("address_lines", "# only a remark"),
    ],
)
def test_an_empty_list_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, text: str
) -> None:
    assert "is empty." in refused(capsys, tmp_path, layout, text, *PLAIN)


def test_what_is_no_text_in_an_array_is_rejected(tmp_path: Path) -> None:
    text = json.dumps([ONE, 12, {"address": TWO}, None, f"eth:{TWO}", f"bnb:{THREE}", "0x12"])
    found = imported(tmp_path, "json_array", text, *PLAIN)
    assert {x.address for x in found} == {ONE.lower(), TWO}
    assert rejects(tmp_path) == [
        ("item 2", "not a text"),
        ("item 3", "not a text"),
        ("item 4", "not a text"),
        ("item 6", "not on Ethereum: bnb"),
        ("item 7", "malformed address"),
    ]


def test_explorer_labels_are_a_label_each(tmp_path: Path) -> None:
    text = json.dumps(
        {
            ONE: {"name": "Fake_Phishing1", "labels": ["phish-hack", "exchange", "a-shop"]},
            TWO: ["uniswap", "dex"],
            THREE: "bridge",
            account(1): {"name": "Unknown", "labels": []},
            account(2): {"name": "Tag", "label": "Phish / Hack"},
            account(3): 7,
            account(4): {"labels": [["deep"]]},
        }
    )
    found = imported(tmp_path, "explorer_labels", text)
    assert {(x.address, x.category) for x in found} == {
        (ONE.lower(), "phishing"),
        (ONE.lower(), "exchange"),
        (TWO, "dex"),
        (THREE.lower(), "bridge"),
        (account(2), "phishing"),
    }
    assert {x.comment for x in found if x.address == ONE.lower()} == {
        "Fake_Phishing1, phish-hack, exchange, a-shop"
    }
    assert rejects(tmp_path) == [
        ("item 4", "missing category"),
        ("item 6", "no name or labels"),
        ("item 7", "labels are not texts"),
    ]


def test_labels_of_explorers_that_nobody_knows_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps({ONE: {"name": "A shop", "labels": ["a-shop", "b-shop"]}})
    assert "a_shop (1)" in refused(capsys, tmp_path, "explorer_labels", text)
    [label] = imported(tmp_path, "explorer_labels", text, "--unknown-category", "other")
    assert (label.category, label.source) == ("other", "explorer_labels")


def test_a_key_that_stands_twice_is_never_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'{{"{ONE}": "bridge", "{ONE}": "exchange"}}'
    assert f"{ONE} stands twice" in refused(capsys, tmp_path, "explorer_labels", text)
    item = f'{{"address": "{ONE}", "address": "{TWO}", "comment": "", "date": ""}}'
    refused(capsys, tmp_path, "mew_darklist", f"[{item}]")
    assert rejects(tmp_path) == [("item 1", "address stands twice in it")]


def test_halves_of_characters_in_json_do_not_stop_an_import(tmp_path: Path) -> None:
    text = f'[{{"address": "{ONE}", "comment": "a \\ud83d b \\u0000 c", "date": ""}}]'
    [label] = imported(tmp_path, "mew_darklist", text)
    assert label.comment == "a ? b c"


# --- OFAC


def test_ofac_addresses_come_from_the_remarks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(tmp_path, "ofac_sdn_csv", SDN)
    assert {(x.address, x.category, x.source, x.comment) for x in found} == {
        (ONE.lower(), "sanctioned", "ofac_sdn", "INVENTED, Person, CYBER2"),
        (TWO, "sanctioned", "ofac_sdn", "INVENTED, Person, CYBER2"),
        (THREE.lower(), "sanctioned", "ofac_sdn", "INVENTED MIXER, CYBER2"),
    }
    assert "Not on Ethereum: 1 rows (xbt 1)." in capsys.readouterr().out


def test_ofac_tokens_with_an_ethereum_address_count_and_other_chains_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remarks = "; ".join(
        f"alt. Digital Currency Address - {currency} {address}"
        for currency, address in [
            *(("USDT", ONE), ("USDC", TWO), ("ETC", THREE), ("ARB", THREE), ("BSC", THREE)),
            *(("USDT", "TInvented"), ("TRX", "TInvented")),
        ]
    )
    text = f'90001,"{remarks}"\n90002,"cut off: Digital Currency Address - "\n\x1a\n'
    found = imported(tmp_path, "ofac_sdn_csv", text)
    assert {x.address for x in found} == {ONE.lower(), TWO}
    said = capsys.readouterr()
    assert "Not on Ethereum: 5 rows (arb 1, bsc 1, etc 1, trx 1, usdt 1)." in said.out
    assert "line 2: 1 unreadable addresses in remarks" in said.err


@pytest.mark.parametrize("cut_at", [20, 0, -1])
def test_remarks_that_ofac_cuts_off_go_on_in_the_comments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cut_at: int
) -> None:
    """Within the second address, or beside the blank before it."""
    addresses = f"; Digital Currency Address - ETH {ONE}; Digital Currency Address - ETH {TWO}."
    remarks = "x" * (1_000 - addresses.index(TWO) - cut_at) + addresses
    first, rest = remarks[:1_000].rstrip(), remarks[1_000:]
    sdn = f'90001,"INVENTED",-0- ,"CYBER2"{",-0- " * 7},"{first}"\r\n\x1a'
    assert len(imported(tmp_path, "ofac_sdn_csv", sdn)) == 1
    assert "the remarks are cut off: put the lines of sdn_comments.csv" in capsys.readouterr().err
    found = imported(tmp_path, "ofac_sdn_csv", f'{sdn}90001,"{rest}"\r\n\x1a')
    assert {(x.address, x.comment) for x in found} == {
        (ONE.lower(), "INVENTED, CYBER2"),
        (TWO, "INVENTED, CYBER2"),
    }
    assert "0 rejected" in capsys.readouterr().out


def test_ofac_in_another_layout_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for layout in ("ofac", "etdg", "mew_darklist"):
        said = refused(capsys, tmp_path, layout, SDN)
        assert "Found: OFAC's CSV without a header" in said
        assert "Fits: --layout ofac_sdn_csv." in said
    assert "Found: CSV" in refused(capsys, tmp_path, "ofac_sdn_csv", "address,category\na,b\n")


def test_a_true_delisting_needs_your_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, "ofac", "\n".join(account(number) for number in range(30)))
    after = "\n".join(account(number) for number in range(18))
    last = ["--previous", str(tmp_path / "labels.csv")]
    said = refused(capsys, tmp_path, "ofac", after, *last)
    assert "12 of the 30 labels" in said
    assert "--max-delisted-share 1" in said
    found = imported(tmp_path, "ofac", after, *last, "--max-delisted-share", "1")
    assert sum(bool(x.valid_to) for x in found) == 12


# --- Spellings


def test_each_spelling_is_a_label_or_a_reject(tmp_path: Path) -> None:
    text = "\r\n".join(
        [
            "address,category,source,reported_at",
            f"{account(1)},Phish / Hack,etherscan,2023-03-20",
            f" {account(2)} ,phishing,desk,2023-03-20",
            f"{account(3)},phishing,desk,03/20/2023",
            f"{account(4)},phishing,desk,1679300000000",
            f"{account(5).upper().replace('X', 'x')},Fake_Phishing,desk,1679300000",
            f"eth:{account(6)},phishing,desk,",
        ]
    )
    found = imported(tmp_path, "label_data", "\ufeff" + text)
    assert [x.address for x in found] == [account(1), account(2), account(5), account(6)]
    assert {x.category for x in found} == {"phishing"}
    assert found[2].reported_at == "2023-03-20 08:13:20"
    assert rejects(tmp_path) == [
        ("line 4", "unreadable reported_at 03/20/2023"),
        ("line 5", "unreadable reported_at 1679300000000"),
    ]


def test_utf_16_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list"
    path.write_text(ADDRESSES, encoding="utf-16")
    assert main(["--layout", "json_array", *PLAIN, *paths(path, tmp_path / "labels.csv")]) == 1
    assert "It looks like UTF-16: save it as UTF-8." in capsys.readouterr().err


# --- Real lists

REAL_PACKS = REAL_DATA / "labels" / "graphsense_tagpacks"


@pytest.mark.skipif(not REAL_PACKS.is_dir(), reason=f"no real data in {REAL_DATA}")
def test_real_packs_keep_every_tag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "labels.csv"
    options = ["--unknown-category", "other"]
    assert main(["--layout", "graphsense_tagpack", *paths(REAL_PACKS, out), *options]) == 0
    # Counted without the importer: each tag has one address of its own.
    texts = [path.read_text() for path in REAL_PACKS.glob("*.yaml")]
    tags = sum(text.count("address: ") for text in texts)
    assert f"{tags} rows" in capsys.readouterr().out
    assert {reason for _, reason in rejects(tmp_path)} == {"missing category"}


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}")
def test_real_explorer_labels_keep_every_address(tmp_path: Path) -> None:
    path = REAL_DATA / "labels" / "etherscan_account_labels.json"
    out = tmp_path / "labels.csv"
    options = ["--unknown-category", "other"]
    assert main(["--layout", "explorer_labels", *paths(path, out), *options]) == 0
    assert {x.address for x in rows(out)} == {a.lower() for a in json.loads(path.read_text())}
