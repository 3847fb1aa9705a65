"""Labels as a TagPack: what the format asks for, and nothing lost on the way back."""

from datetime import date, datetime
from pathlib import Path

import yaml

from commands.labels.__main__ import main
from support.label_lists import ONE, THREE, TWO, imported

OWN = f"""address,category,source,reported_at,url,confidence,usage,valid_to,comment
{ONE},rug_pull,Our Desk,2019-09-01,https://desk.example/1,forensic,,,An invented rug pull
{ONE},phishing,Our Desk,2019-09-01 10:20:30,,,external,2020-01-01,"NO, 0x10: ""quoted"" — café"
{TWO},normal,Other Desk,,,rather sure,external,,
{THREE},exchange,Our Desk,2021-02-03,https://desk.example/2,web_crawl,,2022-01-01 00:00:01,yes
{THREE},bridge,Our Desk,2021-02-03,,,,,null
"""

# What graphsense-tagpack-tool's schema requires, with the Python type that YAML has to give.
HEADER = {"title": str, "creator": str, "tags": list}
TAG = {"address": str, "label": str, "source": str, "confidence": str}
OPTIONAL = {"lastmod": date, "category": str, "abuse": str, "context": str}
ABUSES = {"scam", "phishing"}
CATEGORIES = {"exchange"}
CONFIDENCES = {"forensic", "web_crawl", "unknown"}


def written(tmp_path: Path) -> Path:
    (tmp_path / "own.csv").write_text(OWN, encoding="utf-8")
    pack = tmp_path / "pack.yaml"
    paths = ["--in", str(tmp_path / "own.csv"), "--out", str(pack)]
    assert main(["--layout", "label_data", *paths, "--to", "tagpack"]) == 0
    return pack


def test_a_pack_that_goes_out_comes_back_the_same(tmp_path: Path) -> None:
    expected = imported(tmp_path, "label_data", OWN)
    text = written(tmp_path).read_text(encoding="utf-8")
    assert imported(tmp_path, "graphsense_tagpack", text) == expected
    assert len(expected) == 5


def test_a_pack_has_what_the_schema_requires(tmp_path: Path) -> None:
    pack = yaml.safe_load(written(tmp_path).read_text(encoding="utf-8"))
    for name, kind in HEADER.items():
        assert isinstance(pack[name], kind)
    assert (pack["currency"], pack["network"]) == ("ETH", "ETH")
    for tag in pack["tags"]:
        for name, kind in TAG.items():
            assert isinstance(tag[name], kind), (name, tag)
        assert set(tag) <= set(TAG) | set(OPTIONAL)
        for name in set(tag) & set(OPTIONAL):
            assert isinstance(tag[name], OPTIONAL[name])
        assert tag["confidence"] in CONFIDENCES
        assert tag.get("abuse", "scam") in ABUSES
        assert tag.get("category", "exchange") in CATEGORIES
    times = {tag.get("lastmod") for tag in pack["tags"]}
    assert times == {date(2019, 9, 1), datetime(2019, 9, 1, 10, 20, 30), date(2021, 2, 3), None}


def test_labels_of_csv_and_of_a_pack_are_written_alike(tmp_path: Path) -> None:
    pack = written(tmp_path)
    paths = ["--in", str(pack), "--out", str(tmp_path / "again.yaml"), "--to", "tagpack"]
    assert main(["--layout", "graphsense_tagpack", *paths]) == 0
    assert (tmp_path / "again.yaml").read_bytes() == pack.read_bytes()
    assert not rows_of_rejects(tmp_path)


def rows_of_rejects(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("*.rejects"))
