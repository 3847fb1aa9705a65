"""The layouts of chain tables that people have: one entry each.

To add a layout, say which of its columns becomes which of ours. A file is in a layout if it has a
column for each one that our table needs. Names are compared without regard to case.
"""

import re
from dataclasses import dataclass, field

from commands.check.conversions import (
    NO,
    Conversion,
    larger_ether,
    status_of_error,
    status_of_error_code,
    status_of_error_text,
)
from commands.check.opening import ABOVE

# A column of theirs or a conversion of some, or the first of several that is present.
Sources = tuple[str | Conversion, ...]
Source = str | Conversion | Sources

OWN_LAYOUT = "crypto_ethereum"

# Other names of our columns that can mean nothing else beside our own.
ALIASES = {
    ("transactions", "gas"): ("gas", "gas_limit"),
    ("transactions", "receipt_gas_used"): ("receipt_gas_used", "gas_used"),
    ("transactions", "receipt_status"): ("receipt_status", "success"),
}

# Whether a transaction succeeded, in words that are not the same everywhere.
_BEFORE_STATUS = (
    *("", "is_", "has_", "was_", "tx_", "txn_", "transaction_"),
    *("receipt_", "tx_receipt_", "execution_", "vm_"),
)
_SUCCEEDED = (
    *("status", "status_code", "result"),
    *("success", "successful", "succeeded", "succeed", "ok"),
)
_STATUS: Sources = (
    *(before + word for before in _BEFORE_STATUS for word in _SUCCEEDED),
    *(
        status_of_error(before + word)
        for before in _BEFORE_STATUS
        for word in ("failed", "fail", "failure", "reverted")
    ),
    *map(status_of_error, ("is_error", "has_error")),
    *(
        status_of_error_code(before + word)
        for before in _BEFORE_STATUS
        for word in ("error", "err", "error_code", "err_code")
    ),
)

# Names that may be ours, so that a file with one of them and without ours is asked about. They are
# compared as `plain` gives them.
LOOKALIKES: dict[str, dict[str, Sources]] = {
    "transactions": {
        "receipt_status": _STATUS,
        "receipt_contract_address": (
            "contract_address",
            "created_contract_address",
            "created_contract",
            "creates",
        ),
        "receipt_effective_gas_price": ("effective_gas_price",),
    },
    "contracts": {
        "bytecode": ("contract_code", "deployed_bytecode", "runtime_bytecode", "runtime_code"),
    },
    "token_transfers": {"log_index": ("event_index", "log_position", "log_idx")},
    "receipts": {
        "status": _STATUS,
        "gas_used": ("receipt_gas_used",),
        "contract_address": ("receipt_contract_address",),
        "effective_gas_price": ("receipt_effective_gas_price",),
    },
}

# Our column of whether a transaction succeeded, and names of a text that says why one failed, which
# not all that failed have.
STATUS_COLUMNS = {"transactions": "receipt_status", "receipts": "status"}
FAILURE_REASONS = ("revert_reason", "error_reason", "error_message")

# Names of an object of JSON that says it among other things.
NESTED_RECEIPTS = ("receipt", "tx_receipt", "txn_receipt", "transaction_receipt")

TOKEN_TRANSFERS = "token transfers. Put them into token_transfers"
INTERNAL = (
    "internal transactions or traces, which the project does not read. Take them out of the folder"
)

TRANSFERS_OF_ASSETS = (
    "transfers of ETH and of tokens in one list, with each amount in units of its own asset. Get"
    " the transactions themselves, and put transfers of tokens, in their smallest unit, into"
    " token_transfers"
)

WALLETS = "addresses without code. Take them out, or list the code of all addresses in bytecode"

# Columns that our table never has in any layout, and what a file with one of them holds. They are
# compared as `plain` gives them.
FORBIDDEN = {
    "transactions": dict.fromkeys(
        ("asset", "raw_contract", "erc721_token_id", "erc1155_metadata"), TRANSFERS_OF_ASSETS
    )
    | dict.fromkeys(
        ("token_address", "token_contract_address", "token_symbol", "token_name", "token_decimal"),
        TOKEN_TRANSFERS,
    )
    | dict.fromkeys(
        ("token_decimals", "token_id", "token_value", "erc20", "log_index", "evt_index"),
        TOKEN_TRANSFERS,
    )
    | dict.fromkeys(("trace_address", "trace_id", "call_type", "parent_tx_from"), INTERNAL),
}


# Columns in which lists say of each row what it is, by our table, and values there that no row of
# the table has. A transaction's own type is a number.
# Public tables have a `transaction_type`, and to look into it would read each of their files twice.
KIND_COLUMNS = {
    "transactions": (
        "type",
        "tx_type",
        "trace_type",
        "transfer_type",
        "category",
    ),
    "contracts": ("is_contract", "type", "address_type", "account_type"),
}
KINDS = {
    "transactions": {
        **dict.fromkeys(("call", "callcode", "delegatecall", "staticcall"), INTERNAL),
        **dict.fromkeys(("create", "create2", "suicide", "selfdestruct"), INTERNAL),
        **dict.fromkeys(("reward", "internal"), INTERNAL),
        **dict.fromkeys(("erc20", "erc721", "erc1155"), TOKEN_TRANSFERS),
    },
    "contracts": dict.fromkeys((*NO, "eoa", "wallet"), WALLETS),
}


@dataclass(frozen=True)
class Layout:
    """How others name what a table of ours needs, and in which unit they keep it.

    A file with a column in `forbidden`, or in FORBIDDEN of its table, is not in the layout. It
    holds what stands there.
    """

    name: str
    about: str
    table: str
    columns: dict[str, Source]
    forbidden: dict[str, str] = field(default_factory=dict)


_NODE_QUANTITIES = {
    "block_number": "blockNumber",
    "transaction_index": "transactionIndex",
    "gas_price": "gasPrice",
}

_NODE_TRANSACTION: dict[str, Source] = {
    "hash": "hash",
    "from_address": "from",
    "to_address": "to",
    "value": "value",
    **_NODE_QUANTITIES,
    "gas": "gas",
    # Where somebody has put receipts and transactions together. OpenEthereum says what a
    # transaction creates without a receipt.
    "receipt_gas_used": "gasUsed",
    "receipt_contract_address": ("contractAddress", "creates"),
    "receipt_status": "status",
    "receipt_effective_gas_price": "effectiveGasPrice",
}

_STATUS_OF_EXPLORER: Sources = (
    status_of_error_text("Status", "ErrCode"),
    status_of_error_text("Status"),
    status_of_error_code("ErrCode"),
)

_LAYOUTS = (
    Layout(
        name="explorer_csv",
        about="CSV download of a block explorer for one address, amounts in ether",
        table="transactions",
        columns={
            "hash": ("Transaction Hash", "Txhash"),
            "from_address": "From",
            "to_address": "To",
            "value": larger_ether("Value_IN(ETH)", "Value_OUT(ETH)"),
            "block_timestamp": ("UnixTimestamp", "DateTime (UTC)"),
            "block_number": "Blockno",
            "receipt_contract_address": "ContractAddress",
            "receipt_status": _STATUS_OF_EXPLORER,
        },
    ),
    Layout(
        name="blockscout_csv",
        about="CSV download of a Blockscout explorer, amounts in wei",
        table="transactions",
        columns={
            "hash": "TxHash",
            "from_address": "FromAddress",
            "to_address": "ToAddress",
            "value": "Value",
            "block_timestamp": "UnixTimestamp",
            "block_number": "BlockNumber",
            "receipt_contract_address": "ContractAddress",
            "receipt_status": _STATUS_OF_EXPLORER,
        },
    ),
    Layout(
        name="explorer_api",
        about="reply of a block explorer's transaction list (account/txlist), amounts in wei",
        table="transactions",
        columns={
            "hash": "hash",
            "from_address": "from",
            "to_address": "to",
            "value": "value",
            "block_timestamp": "timeStamp",
            **_NODE_QUANTITIES,
            "gas": "gas",
            "receipt_gas_used": "gasUsed",
            "receipt_contract_address": "contractAddress",
            "receipt_status": status_of_error("isError"),
        },
        forbidden={"errCode": INTERNAL},
    ),
    Layout(
        name="node_blocks",
        about="blocks of a node's RPC with their transactions (eth_getBlockByNumber, true)",
        table="transactions",
        columns=_NODE_TRANSACTION | {"block_timestamp": ABOVE + "timestamp"},
    ),
    Layout(
        name="node_transactions",
        about="transactions of a node's RPC with blockTimestamp (eth_getTransactionByHash)",
        table="transactions",
        columns=_NODE_TRANSACTION | {"block_timestamp": "blockTimestamp"},
        # With these they are in node_blocks or explorer_api.
        forbidden={"timestamp": INTERNAL, ABOVE + "timestamp": INTERNAL},
    ),
    Layout(
        name="dune",
        about="query services: block_time, success, amounts in wei",
        table="transactions",
        columns={
            "hash": ("hash", "tx_hash"),
            "from_address": ("from", "from_address"),
            "to_address": ("to", "to_address"),
            "value": "value",
            "block_timestamp": "block_time",
            "block_number": "block_number",
            "transaction_index": ("index", "tx_index"),
            "gas": "gas_limit",
            "gas_price": "gas_price",
            "receipt_gas_used": "gas_used",
            "receipt_effective_gas_price": "effective_gas_price",
            "receipt_status": "success",
        },
        forbidden=dict.fromkeys(("contract_address", "token_standard"), TOKEN_TRANSFERS),
    ),
    Layout(
        name="cryo",
        about="cryo transactions, with the column timestamp",
        table="transactions",
        columns={
            "hash": "transaction_hash",
            "from_address": "from_address",
            "to_address": "to_address",
            "value": ("value_string", "value_binary", "value"),
            "block_timestamp": "timestamp",
            "block_number": "block_number",
            "transaction_index": "transaction_index",
            "gas": "gas_limit",
            "gas_price": "gas_price",
            "receipt_gas_used": "gas_used",
            "receipt_status": "success",
        },
        forbidden={"transfer_index": INTERNAL},
    ),
    Layout(
        name="explorer_token_api",
        about="reply of a block explorer's token transfer list (account/tokentx)",
        table="token_transfers",
        columns={
            "token_address": "contractAddress",
            "from_address": "from",
            "to_address": "to",
            "value": "value",
            "transaction_hash": "hash",
            "log_index": "logIndex",
            "block_timestamp": "timeStamp",
            "block_number": "blockNumber",
        },
    ),
    Layout(
        name="dune_tokens",
        about="query services, token transfers with raw amounts",
        table="token_transfers",
        columns={
            "token_address": "contract_address",
            "from_address": "from",
            "to_address": "to",
            "value": ("amount_raw", "value"),
            "transaction_hash": ("tx_hash", "evt_tx_hash"),
            "log_index": "evt_index",
            "block_timestamp": ("block_time", "evt_block_time"),
            "block_number": ("block_number", "evt_block_number"),
        },
    ),
    Layout(
        name="cryo_tokens",
        about="cryo erc20_transfers",
        table="token_transfers",
        columns={
            "token_address": "erc20",
            "from_address": "from_address",
            "to_address": "to_address",
            "value": ("value_string", "value_binary", "value"),
            "transaction_hash": "transaction_hash",
            "log_index": "log_index",
            "block_timestamp": "timestamp",
            "block_number": "block_number",
        },
    ),
    Layout(
        name="cryo_blocks",
        about="cryo blocks",
        table="blocks",
        columns={"number": "block_number", "timestamp": "timestamp"},
    ),
    Layout(
        name="dune_blocks",
        about="query services, blocks",
        table="blocks",
        columns={"number": "number", "timestamp": "time"},
    ),
    Layout(
        name="node_receipts",
        about="receipts of a node's RPC (eth_getBlockReceipts)",
        table="receipts",
        columns={
            "transaction_hash": "transactionHash",
            "block_number": "blockNumber",
            "gas_used": "gasUsed",
            "contract_address": "contractAddress",
            "status": "status",
            "effective_gas_price": "effectiveGasPrice",
        },
    ),
    Layout(
        name="cryo_contracts",
        about="cryo contracts",
        table="contracts",
        columns={"address": "contract_address", "bytecode": "code"},
    ),
)


def plain(name: str) -> str:
    """A name as it is compared where people write it in several ways: only letters and digits.

    The mark of a name above the rows stays, because that one is another name.
    """
    return re.sub(rf"[^\w{re.escape(ABOVE)}]|_", "", name.casefold())


def layouts_of(table: str) -> list[Layout]:
    """Layouts of others for a table of ours."""
    return [layout for layout in _LAYOUTS if layout.table == table]


def described() -> str:
    """What there is, for people."""
    own = f"{OWN_LAYOUT}: all tables. The names of bigquery-public-data.crypto_ethereum."
    return "\n".join([own, *(f"{each.name}: {each.table}. {each.about}." for each in _LAYOUTS)])
