"""Measures of the pages for readers.

Code blocks and inline code are left out, and so are headings, rulers of tables and targets of
links. Rows of a table are read like lines of a list: each is one sentence, or more if it has full
stops.
"""

import re
from dataclasses import dataclass

ROOT_PAGES = {"README.md", "CONTRIBUTING.md", "DECISIONS.md"}

CODE_BLOCK = re.compile(r"^[ ]*```.*?^[ ]*```[^\n]*$", re.M | re.S)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK_TARGET = re.compile(r"\]\([^)]*\)")
HTML = re.compile(r"<!--.*?-->|<[a-z/][^>]*>|&#?\w+;", re.S)
TABLE_RULER = re.compile(r"[|\s:-]+")
LIST_MARK = re.compile(r"(?:[-*]|\d+\.)\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')*]*\s+")
A_WORD = re.compile(r"[A-Za-z]{2}")
ADDRESS = re.compile(r"\b(?:you|your|yours)\b", re.I)
DASH = re.compile(r"(?<=[^\s|])\s[-–—]+\s(?=[^\s|])|—")


@dataclass(frozen=True)
class ProseCount:
    """Sentences, and what stands in them.

    A dash is one between words, as one can be put where a semicolon was. Addresses are the words
    "you", "your" and "yours".
    """

    sentences: int
    semicolons: int
    dashes: int
    addresses: int

    def rate(self, what: str) -> float:
        """Semicolons, dashes or addresses per 100 sentences."""
        return 100 * getattr(self, what) / max(self.sentences, 1)


def pages(files: dict[str, str]) -> dict[str, str]:
    """README, CONTRIBUTING, DECISIONS and the pages in docs."""
    return {
        path: text
        for path, text in files.items()
        if path in ROOT_PAGES or (path.startswith("docs/") and path.endswith(".md"))
    }


def sentences(page: str) -> list[str]:
    """Sentences of a Markdown page."""
    text = INLINE_CODE.sub("x", CODE_BLOCK.sub("", page))
    text = LINK_TARGET.sub("]", HTML.sub("", text))
    paragraphs: list[list[str]] = [[]]
    for line in map(str.strip, text.splitlines()):
        is_row = line.startswith("|")
        if not line or is_row or line.startswith("#") or LIST_MARK.match(line):
            paragraphs.append([])
        if not line.startswith("#") and not TABLE_RULER.fullmatch(line):
            paragraphs[-1].append(LIST_MARK.sub("", line, count=1))
        if is_row or line.startswith("#"):
            paragraphs.append([])
    return [
        sentence
        for lines in paragraphs
        for sentence in SENTENCE_END.split(" ".join(lines).strip())
        if A_WORD.search(sentence)
    ]


def prose_count(*texts: str) -> ProseCount:
    """Count over one page or several."""
    found = [sentence for text in texts for sentence in sentences(text)]
    return ProseCount(
        sentences=len(found),
        semicolons=sum(sentence.count(";") for sentence in found),
        dashes=sum(len(DASH.findall(sentence)) for sentence in found),
        addresses=sum(len(ADDRESS.findall(sentence)) for sentence in found),
    )
