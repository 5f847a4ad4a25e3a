"""The list between upload and confirmation: the person's last one, kept for an hour.

This way, what was reviewed is what is imported, it is read once, and no one else can confirm it.
"""

import json
from dataclasses import astuple
from hashlib import sha256

from accounts.models import User
from confbox.kit.temporary_storage import delete_saved, save_temporarily, saved_temporarily
from conferences.models import Conference
from conferences.roster.rows import Listing, OtherRow, Row

KIND = "roster-import"
SAVED_SECONDS = 3600


def keep(*, person: User, conference: Conference, listing: Listing, text: str) -> str:
    """Saves the list; returns its key."""
    content = json.dumps(
        {
            "source": listing.source,
            "rows": [astuple(row) for row in listing.rows],
            "refused": [astuple(row) for row in listing.refused],
            "left_out": [astuple(row) for row in listing.left_out],
            "unused_columns": listing.unused_columns,
            "of_buyers": listing.of_buyers,
            "is_windows_1252": listing.is_windows_1252,
            "text": text,
        }
    ).encode()
    digest = sha256(f"{conference.pk}\0".encode() + content).hexdigest()[:32]
    save_temporarily(
        KIND, person.pk, version=digest, content=content, seconds=SAVED_SECONDS, conference=conference.pk
    )
    return digest


def kept(*, person: User, conference: Conference, digest: str) -> tuple[Listing, str] | None:
    """The list and the pasted text; None if it has expired or belongs to another conference."""
    found = saved_temporarily(KIND, person.pk, version=digest)
    if found is None or found[1].get("conference") != conference.pk:
        return None
    data = json.loads(found[0])
    listing = Listing(
        data["source"],
        [Row(*row) for row in data["rows"]],
        [OtherRow(*row) for row in data["refused"]],
        [OtherRow(*row) for row in data["left_out"]],
        data["unused_columns"],
        data["of_buyers"],
        data.get("is_windows_1252", False),
    )
    return listing, data["text"]


def forget(*, person: User) -> None:
    delete_saved(KIND, person.pk)
