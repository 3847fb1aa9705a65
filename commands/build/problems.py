"""What stopped a build, in one sentence with the remedy where it is known."""

import re

# DuckDB says which line of which CSV file it cannot read, and between them advice on its options,
# which you cannot set here.
CSV_LINE = r"CSV Error on Line: (\d+)\s.*?"
CSV_FILE = r".*?\n\s*file = ([^\n]+)"

# What is in a message, and what it means. Groups of the pattern fill the sentence.
KNOWN = [
    (
        CSV_LINE + r"(?:\\\".*?\n\s*Value with unter|\\\"(?!\").*?\n\s*Expected Number)" + CSV_FILE,
        "{1}: line {0} escapes a quote with a backslash. Write the file with quotes doubled, in"
        " Spark with the option escape='\"'.",
    ),
    (
        CSV_LINE + r"\n\s*Value with unterminated quote found" + CSV_FILE,
        "{1}: line {0} has a quote that is not closed, or text behind a closing one. Close it, and"
        " double a quote within a field.",
    ),
    (
        CSV_LINE + r"\n\s*Expected Number of Columns: (\d+)" + CSV_FILE,
        "{2}: line {0} does not have the {1} fields that the header names. Give every line all of"
        " them, empty ones too, and quote a field that holds the delimiter. If it is the last line,"
        " the file is cut off: get it again.",
    ),
    (
        CSV_LINE + r"\n\s*Invalid unicode" + CSV_FILE,
        "{1}: line {0} holds signs that are not UTF-8, as Latin-1 has them. Save it as UTF-8.",
    ),
    (
        CSV_LINE + r"\n\s*Maximum line size of (\d+) bytes exceeded" + CSV_FILE,
        "{2}: line {0} is longer than {1} bytes. Is a quote in it not closed?",
    ),
    (
        r"CSV Parser state machine reached an invalid state" + CSV_FILE,
        "{0}: its lines end in different ways (CRLF, LF or CR). Save it with the same line ends"
        " throughout.",
    ),
    (
        r'Could not set lock on file "([^"]+)": Conflicting lock is held in (.+?) \(PID (\d+)\)',
        "{0} is open in another program ({1}, process {2}). Close it and run again. For readers"
        " that stay open there is the serving copy: make publish.",
    ),
    (
        r'Could not set lock on file "([^"]+)"',
        "{0} is open in another program. Close it and run again. For readers that stay open there"
        " is the serving copy: make publish.",
    ),
    (
        r'Catalog "main" does not exist|in temporary catalog|in system catalog',
        "DuckDB keeps the names main, temp and system to itself. Give the database file another"
        " name with DUCKDB_PATH.",
    ),
    (
        r'Catalog "([^"]+)" does not exist',
        "The database file was called {0}, and views of an earlier build still name it."
        " Rename it back, or run make build once.",
    ),
    (
        r"day is out of range for month|month must be in 1\.\.12|hour must be in 0\.\.23"
        r"|(?:minute|second) must be in 0\.\.59",
        "A var holds a date or a time that does not exist, such as 2021-02-30. Correct it, and"
        ' write times in quotes: "2021-02-28".',
    ),
    (
        r'Cannot open file "([^"]+)": No such file or directory',
        "{0} or its folder does not exist. See what DUCKDB_PATH, LABEL_DATA and REVIEW_DATA name.",
    ),
    (
        r'No files found that match the pattern "([^"]+)"',
        "There is no file {0}. See what CHAIN_DATA, LABEL_DATA and REVIEW_DATA name.",
    ),
    (
        r"stg_reviews__reviews.*Binder Error",
        "REVIEW_DATA names a file without the columns of reviews. Name the one that make labels"
        " wrote for --review-rows, not the labels beside it.",
    ),
    (
        r"Could not find profile named '([^']+)'",
        "No profiles.yml with the profile {0} was found. Run make setup, which writes it, or set"
        " DBT_PROFILES_DIR to the folder of yours.",
    ),
    (
        r"^Path '([^']+)' does not exist",
        "The folder {0} does not exist. DBT_PROFILES_DIR or an option names it. make setup writes"
        " profiles.yml into the project.",
    ),
    (
        r'Could not [^"]*"([^"]+)".*No space left on device',
        "The disk of {0} is full. Make room and run again: what was built stays, and the next build"
        " makes the rest.",
    ),
    (
        r"No space left on device",
        "The disk is full. Make room and run again: what was built stays, and the next build makes"
        " the rest.",
    ),
]

# Lines that say where dbt was, not what is wrong.
FRAME = (
    "> in macro",
    "> called by",
    "Encountered an error",
    "Compilation Error in operation",
    "compiled code at",
    "Done. PASS",
)


def explained(messages: list[str], exception: BaseException | None) -> list[str]:
    """Return each problem once: in the project's words where it is known, else in dbt's.

    `messages` are what dbt warned of or failed with, in order.
    """
    texts = [*messages, *([str(exception)] if exception is not None else [])]
    found: dict[str, None] = {}
    for text in texts:
        found.setdefault(known_problem(text) or _bare(text))
    sentences = [each for each in found if each]
    # Where the cause is known, what dbt says around it adds nothing.
    known = [each for each in sentences if each in {known_problem(text) for text in texts}]
    return known or sentences


def known_problem(text: str) -> str:
    """Return the sentence for a message of dbt or DuckDB. Empty if the project has none."""
    for pattern, sentence in KNOWN:
        match = re.search(pattern, text, flags=re.DOTALL)
        if match:
            return sentence.format(*(group or "" for group in (*match.groups(), "", "", "")))
    return ""


def _bare(text: str) -> str:
    # Of a traceback the last line says what is wrong.
    before, _, trace = text.partition("Traceback (most recent call last):")
    lines = [line.strip() for line in [*before.splitlines(), *trace.strip().splitlines()[-1:]]]
    return "\n".join(line for line in lines if line and not line.startswith(FRAME))
