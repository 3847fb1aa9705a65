{# Token transfers of an address. #}
{% macro token_features() %}
    {{ return([
        {
            'name': 'token_sent_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Token transfers sent in the window, ERC-20 and ERC-721.',
            'reason_topic': 'tokens',
            'phrase': 'Sent {value}',
            'zero_phrase': 'Sent no tokens',
            'singular': 'token transfer',
            'plural': 'token transfers',
        },
        {
            'name': 'token_received_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Token transfers received in the window, ERC-20 and ERC-721.',
            'reason_topic': 'tokens',
            'phrase': 'Received {value}',
            'zero_phrase': 'Received no tokens',
            'singular': 'token transfer',
            'plural': 'token transfers',
        },
        {
            'name': 'token_contract_count',
            'data_type': 'int64',
            'unit': 'count',
            'description': 'Distinct token contracts sent or received in the window, all of them.',
            'reason_topic': 'tokens',
            'phrase': 'Moved {value}',
            'zero_phrase': 'Never moved a token',
            'singular': 'kind of token',
            'plural': 'kinds of tokens',
        },
        {
            'name': 'nft_transfer_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the token transfers that are of tokens known as ERC-721 from the contracts
                table. 0 without token transfers, and where that table is absent.',
            'reason_topic': 'NFTs',
            'phrase': '{value} of its token transfers are NFTs',
            'zero_phrase': 'None of its token transfers is an NFT',
        },
        {
            'name': 'zero_value_token_received_share',
            'data_type': 'float64',
            'unit': 'share',
            'description':
                'Share of the received token transfers that move 0 tokens, ERC-721 left out. 0 without
                received token transfers. Address poisoning leaves them at the poisoning address, which
                anybody can make a victim seem to pay.',
            'is_of_amounts': true,
            'reason_topic': 'look-alikes',
            'phrase': '{value} of the token transfers it received move nothing',
            'zero_phrase': 'None of the token transfers it received is empty',
        },
    ]) }}
{% endmacro %}

{# Address poisoning: addresses that look like a counterparty. #}
{% macro lookalike_features() %}
    {{ return([
        {
            'name': 'lookalike_counterparty_count',
            'data_type': 'int64',
            'unit': 'count',
            'description':
                'Counterparties, of ether or tokens, whose first and last four hexadecimal digits are
                those of another counterparty it meets more often: address poisoning was tried on it.',
            'is_of_others': true,
            'reason_topic': 'look-alikes',
            'phrase': 'Was approached by {value} of addresses it deals with',
            'zero_phrase': 'No look-alike of an address it deals with approached it',
            'singular': 'look-alike',
            'plural': 'look-alikes',
        },
        {
            'name': 'imitating_counterparty_count',
            'data_type': 'int64',
            'unit': 'count',
            'description':
                'Counterparties, of ether or tokens, that meet another address with the same first and
                last four hexadecimal digits more often than this one: it may be a poisoning address.',
            'is_of_others': true,
            'reason_topic': 'look-alikes',
            'phrase': 'Looks like an address that {value} more often',
            'zero_phrase': 'Looks like no address that its counterparties deal with more often',
            'singular': 'counterparty deals with',
            'plural': 'counterparties deal with',
        },
    ]) }}
{% endmacro %}
