"""How a join code is drawn, and how it is read when people type it.

The alphabet is Crockford's base 32, without I, L, O and U: one who reads any of these means 1, 0 or V.
"""

import re
import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conferences.memberships.admission.models import CODE_LENGTH

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
LINK = re.compile(r".*/j/([^/?#]+)", re.DOTALL)
# A pasted link is longer than a code.
LONGEST_TYPED = 300
# Not a code at all, which is no guess; a code that there is not; one that no longer admits.
NO_CODE, UNKNOWN_CODE, DEAD_CODE = "no_join_code", "unknown_join_code", "dead_join_code"


def draw_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _number in range(CODE_LENGTH))


def read_code(typed: str) -> str:
    """What was typed or pasted, as a code: in any case, with spaces and hyphens, with O for 0, or as a link.

    Raises:
        ValidationError: it cannot be a code.
    """
    link = LINK.match(typed)
    plain = unicodedata.normalize("NFKC", link[1] if link else typed)
    found = "".join(c for c in plain if _is_written(c)).upper().translate(MEANT)
    if len(found) != CODE_LENGTH or not set(found) <= set(ALPHABET):
        sentence = _("A join code has eight letters and digits, such as 7K3M-9QXT. Please check it.")
        raise ValidationError(sentence, code=NO_CODE)
    return found


def _is_written(character: str) -> bool:
    """Whether it is part of a code: neither a space nor a dash, a dot or an invisible character."""
    return unicodedata.category(character)[0] not in "ZPC"
