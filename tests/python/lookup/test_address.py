"""An address is read as people write it, and what is wrong is named."""

import pytest

from commands.lookup.address import checksum_address, read_address
from commands.lookup.keccak import keccak_256
from commands.lookup.problems import Problem

# From the text of EIP-55.
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


def test_keccak_is_ethereums() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"").hex() == empty
    # Longer than one block of 136 bytes.
    assert keccak_256(b"a" * 136).hex() == (
        "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e"
    )


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_the_checksum_of_eip_55_is_right(address: str) -> None:
    assert checksum_address(address.lower()) == address
    assert read_address(address) == read_address(address.lower()) == address.lower()


@pytest.mark.parametrize("address", CHECKSUMMED[4:])
def test_a_wrong_checksum_is_told(address: str) -> None:
    wrong = address[:-4] + address[-4:].swapcase()
    with pytest.raises(Problem) as caught:
        read_address(wrong)
    assert (caught.value.status, caught.value.code) == (422, "bad_checksum")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "wrong_length"),
        ("0x", "wrong_length"),
        ("0x" + 39 * "a", "wrong_length"),
        ("0x" + 41 * "a", "wrong_length"),
        (40 * "a", "no_prefix"),
        ("0x" + 40 * "g", "not_hexadecimal"),
        ("0x" + 64 * "a", "transaction_hash"),
        ("vitalik.eth", "name_not_resolved"),
        ("0x" + 39 * "a" + "\N{FULLWIDTH DIGIT ONE}", "not_hexadecimal"),
        ("' or 1=1 --", "not_hexadecimal"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read_address(text)
    assert (caught.value.status, caught.value.code) == (422, code)
