"""What becomes of tokens for a conference that is merged into another one."""

from django.utils.translation import ngettext

from conferences.api_access.models import ApiToken
from conferences.merging.people import BATCH, Merge, People


def consequences_of_merging(merge: Merge, _people: People) -> list[str]:
    number = sum(token.is_of_organiser for token in _tokens_for(merge))
    if not number:
        return []
    sentence = ngettext(
        "%(n)d API token of an organiser is for %(duplicate)s. It is not for %(stays)s, so its owner needs a "
        "new one.",
        "%(n)d API tokens of organisers are for %(duplicate)s. They are not for %(stays)s, so their owners "
        "need new ones.",
        number,
    )
    return [sentence % merge.names(n=number)]


def move_tokens(merge: Merge, _people: People) -> None:
    """Those of members go on working, as their links do.

    With one of an organiser, a program would run a conference that its owner has not chosen.
    """
    chosen = ApiToken.conferences.through
    moving = [token.pk for token in _tokens_for(merge) if not token.is_of_organiser]
    rows = [chosen(apitoken_id=pk, conference_id=merge.stays.pk) for pk in moving]
    chosen.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _tokens_for(merge: Merge) -> list[ApiToken]:
    return list(ApiToken.objects.active().filter(all_conferences=False, conferences=merge.duplicate))
