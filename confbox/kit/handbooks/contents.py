"""Which chapters each handbook has, in their order. Their texts are in `docs/help/<language>/<handbook>/`."""

HANDBOOKS = {
    "organisers": (
        "start",
        "people",
        "team",
        "publish",
        "candidates",
        "emails",
        "voting",
        "decide",
        "changes",
        "webhooks",
        "tokens",
        "secrecy",
    ),
    "members": (
        "join",
        "stand",
        "vote",
        "check",
        "result",
        "account",
    ),
}
