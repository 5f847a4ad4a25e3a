"""Passwords that an attacker tries first: well-known ones, and words of this site and of the season.

Digits and symbols around such a word do not make it a different one, nor does a `0` in place of an `o`.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

LOOK_ALIKES = [str.maketrans("013457@$!|", f"o{one}eastasi{one}") for one in "il"]
# How many characters must be left of a password after removing the words that anyone can guess.
SECRET_LETTERS = 4
PROJECT = "conferencebox"
# English, German, Spanish and French: what people put before a year when they have to change a password.
SEASONS = (
    "spring summer autumn fall winter fruehling frühling sommer herbst primavera verano otoño otono invierno "
    "printemps été ete automne hiver"
)
MONTHS = (
    "january february march april may june july august september october november december "
    "januar februar märz maerz mai juni juli oktober dezember enero febrero marzo abril mayo junio julio "
    "agosto septiembre octubre noviembre diciembre janvier février fevrier mars avril juin juillet août aout "
    "septembre octobre novembre décembre decembre"
)
ALWAYS = (
    "password passwort contraseña contrasena motdepasse passphrase welcome willkommen bienvenido bienvenue "
    "login letmein changeme secret geheim admin administrator qwerty qwertz azerty organiser organizer"
)


class NotGuessable(CommonPasswordValidator):
    """Refuses, in any case, Django's 20,000 passwords and zxcvbn's 94,000 passwords, names and words."""

    def __init__(self) -> None:
        super().__init__()

    def validate(self, password: str, user: User | None = None) -> None:
        cores = [core for core in _cores(password) if len(core) >= SECRET_LETTERS]
        if any(core in self.passwords or core in _well_known() for core in cores):
            raise ValidationError(
                _(
                    "This password is one of the first that attackers try. Digits or symbols around "
                    "a word do not help."
                ),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return str(
            gettext_lazy("Not a password that many people use, even with digits or symbols around it.")
        )


class NotOfThisSite:
    """Refuses a password that is little more than words of the site, its host name, seasons and months."""

    def validate(self, password: str, user: User | None = None) -> None:
        if any(_is_made_of_words(core) for core in _cores(password)):
            raise ValidationError(
                _(
                    "This password is mostly made of words that anyone would try here: the name of "
                    "the site, a season, a month or a word such as “password”. Please add words of "
                    "your own."
                ),
                code="password_of_this_site",
            )

    def get_help_text(self) -> str:
        return str(gettext_lazy("Not the name of this site, and not a season or month with a year."))


@lru_cache(maxsize=1)
def _well_known() -> frozenset[str]:
    """Read when the first password is chosen: the lists take 8 MB."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  # 8 MB

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words)


def _cores(password: str) -> set[str]:
    """The password, and the password in lower case without digits and symbols around it."""
    folded = unicodedata.normalize("NFKC", password).casefold().strip()
    spellings = {folded, *(folded.translate(table) for table in LOOK_ALIKES)}
    bare = {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", spelling) for spelling in spellings}
    bare |= {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded).translate(table) for table in LOOK_ALIKES}
    return {core for core in spellings | bare if core}


def _is_made_of_words(core: str) -> bool:
    letters = rest = re.sub(r"[\W\d_]+", "", core)
    for word in sorted(_words_of_this_site(), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != letters and len(rest) < SECRET_LETTERS


def _words_of_this_site() -> set[str]:
    host = urlsplit(settings.SITE_URL).hostname or ""
    named = [settings.SITE_NAME, host, *host.split("."), *settings.SITE_NAME.split(), PROJECT]
    words = {re.sub(r"[\W\d_]+", "", name.casefold()) for name in named}
    words |= {*SEASONS.split(), *MONTHS.split(), *ALWAYS.split()}
    return {word for word in words if len(word) >= 3}
