"""Reading an address as a person or a program writes it."""

import re
from typing import Any

from commands.lookup.keccak import keccak_256
from commands.lookup.problems import Problem

_WELL_FORMED = re.compile(r"0[xX]([0-9a-fA-F]{40})")
_NAME = re.compile(r"[^\s/]{1,255}\.(eth|xyz|com|cb\.id)", re.IGNORECASE)
_MOST_REPEATED = 200


def read_address(text: Any) -> str:
    """Return the address in lower case.

    Raises Problem with what is wrong. The checksum of EIP-55 is checked where the letters are of
    mixed case, which is where there is one.
    """
    if not isinstance(text, str):
        raise Problem(
            422, "not_text", "An address is text in quotes: 0x and 40 hexadecimal digits."
        )
    text = text.strip()
    matched = _WELL_FORMED.fullmatch(text)
    if matched is None:
        raise Problem(422, *_what_is_wrong(text))
    digits = matched[1]
    if digits not in (digits.lower(), digits.upper()) and digits != _checksummed(digits.lower()):
        raise Problem(
            422,
            "bad_checksum",
            "The mixed-case checksum (EIP-55) does not fit these digits, so one of them is"
            " probably mistyped. Copy the address again, or write it in lower case if you are"
            " sure of it.",
        )
    return "0x" + digits.lower()


def checksum_address(address: str) -> str:
    """Return a lower-case address with the checksum of EIP-55."""
    return "0x" + _checksummed(address[2:])


def repeated(text: str) -> str:
    """Return what was asked as an answer repeats it: its start, in characters that UTF-8 has."""
    return text[:_MOST_REPEATED].encode(errors="replace").decode()


def _checksummed(digits: str) -> str:
    nibbles = keccak_256(digits.encode()).hex()
    return "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(digits, nibbles, strict=False)
    )


def _what_is_wrong(text: str) -> tuple[str, str]:
    if _NAME.fullmatch(text):
        return (
            "name_not_resolved",
            "This is a name, and names are not resolved here. Give the address it stands for:"
            " 0x and 40 hexadecimal digits.",
        )
    body = text[2:] if text[:2].lower() == "0x" else text
    if not re.fullmatch("[0-9a-fA-F]*", body):
        return (
            "not_hexadecimal",
            "An address is 0x and 40 hexadecimal digits (0-9, a-f). This has other characters.",
        )
    if text[:2].lower() != "0x" and len(body) == 40:
        return "no_prefix", "An address starts with 0x. Put 0x before these 40 digits."
    if len(body) == 64:
        return (
            "transaction_hash",
            "These are 64 digits: the hash of a transaction, or a private key. An address is 0x"
            " and 40 hexadecimal digits.",
        )
    return (
        "wrong_length",
        f"An address is 0x and 40 hexadecimal digits. This has {len(body)} digits.",
    )
