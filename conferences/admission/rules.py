"""Who may join: the rules of a conference, of which any one admits."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.linked_addresses import confirmed_addresses
from accounts.models import User
from confbox.kit.clock import database_now
from conferences.admission.codes import DEAD_CODE, UNKNOWN_CODE, read_code
from conferences.admission.domains import domain_of, shown_domains
from conferences.matching import entry_for
from conferences.memberships.admission.models import Admission, CodeState, JoinCode, JoinRequest
from conferences.models import Conference, RosterEntry

NOT_ADMITTED = "not_admitted"


class Way(models.TextChoices):
    """Which rule admits a person."""

    EVERYONE = "everyone", gettext_lazy("Everyone may join")
    ROSTER = "roster", gettext_lazy("Roster")
    DOMAIN = "domain", gettext_lazy("Domain of the email address")
    APPROVAL = "approval", gettext_lazy("Approval by an organiser")
    CODE = "code", gettext_lazy("Join code")


@dataclass(frozen=True)
class Admittance:
    """Why a person may join. `take_up` uses it once they have."""

    way: Way
    conference: Conference
    code: JoinCode | None = None


def admit(
    *, user: User, conference: Conference, code: str = "", entry: RosterEntry | None = None
) -> Admittance:
    """Finds the rule that admits this person; a code is used only if no other does.

    `entry` is one whose email address has just been proved to be theirs: it admits without any rule.

    Raises:
        ValidationError: none does, or not this code; the message says which ways there are.
    """
    way = way_in(user=user, conference=conference, entry=entry)
    if way:
        return Admittance(way, conference)
    if code:
        return Admittance(Way.CODE, conference, usable_code(code, conference=conference))
    raise not_admitted(conference)


def way_in(
    *, user: User, conference: Conference, entry: RosterEntry | None = None, rules: Admission | None = None
) -> Way | None:
    """The rule that admits this person without a code; None if there is none."""
    rules = rules or rules_of(conference)
    if rules.everyone:
        return Way.EVERYONE
    if entry and _is_free_for(entry, user, conference):
        return Way.ROSTER
    if rules.roster and entry_for(user=user, conference=conference):
        return Way.ROSTER
    if rules.email_domains and _has_address_at(rules.email_domains, user):
        return Way.DOMAIN
    return Way.APPROVAL if _is_approved(user, conference) else None


def rules_of(conference: Conference) -> Admission:
    """As they are stored now, also if the conference was read before they were changed."""
    return Admission.objects.filter(conference=conference).first() or Admission.new_for(conference)


def _is_free_for(entry: RosterEntry, user: User, conference: Conference) -> bool:
    current = RosterEntry.objects.present().filter(pk=entry.pk, conference=conference)
    return current.filter(models.Q(membership=None) | models.Q(membership__user=user)).exists()


def _has_address_at(domains: list[str], user: User) -> bool:
    return any(domain_of(address) in domains for address in confirmed_addresses(user))


def _is_approved(user: User, conference: Conference) -> bool:
    """An organiser's yes to this person stays valid, also after they left or the rule was switched off."""
    accepted = JoinRequest.Answer.ACCEPTED
    return JoinRequest.objects.filter(conference=conference, user=user, answer=accepted).exists()


def usable_code(typed: str, *, conference: Conference | None = None) -> JoinCode:
    """The code of this conference, or of any, that was typed.

    Raises:
        ValidationError: it cannot be a code, there is none like it, or it is dead; `code` says which.
    """
    codes = JoinCode.objects.select_related("conference")
    if conference:
        codes = codes.filter(conference=conference)
    else:
        # Of a draft no one knows, and a code admits no one to it: it is answered as one that there is not.
        codes = codes.exclude(conference__status=Conference.Status.DRAFT)
    found = codes.filter(code=read_code(typed)).first()
    if found is None:
        sentence = _("There is no such join code here. Please check it, or ask the organisers for a new one.")
        raise ValidationError(sentence, code=UNKNOWN_CODE)
    state = found.state(database_now())
    if state != CodeState.USABLE:
        raise _dead(state)
    return found


def _dead(state: CodeState) -> ValidationError:
    sentences = {
        CodeState.ENDED: _("This join code was replaced or ended. Please ask the organisers for a new one."),
        CodeState.EXPIRED: _("This join code has expired. Please ask the organisers for a new one."),
        CodeState.USED_UP: _(
            "This join code has been used the maximum number of times. Please ask the organisers for a "
            "new one."
        ),
    }
    return ValidationError(sentences[state], code=DEAD_CODE)


def take_up(admittance: Admittance, *, entry: RosterEntry | None) -> None:
    """Uses up what admitted a person, inside the transaction that made them a member.

    `entry` is the one that became theirs.

    Raises:
        ValidationError: others were faster, and the transaction has to be rolled back.
    """
    if admittance.way is Way.ROSTER and entry is None:
        raise not_admitted(admittance.conference)
    if admittance.code:
        _count_use(admittance.code)


def _count_use(code: JoinCode) -> None:
    """One statement, so that of many who use a code at once only as many join as it allows."""
    counted = JoinCode.objects.usable().filter(pk=code.pk).update(uses=F("uses") + 1)
    if not counted:
        code.refresh_from_db()
        state = code.state(database_now())
        raise _dead(CodeState.USED_UP if state is CodeState.USABLE else state)


@dataclass(frozen=True)
class Ways:
    """What can admit a person whom nothing admits yet."""

    everyone: bool
    roster: bool
    domains: list[str]
    code: bool
    approval: bool

    @property
    def needs(self) -> list[str]:
        """In words, what a person needs: one of these."""
        return [
            *([_("an email address on the organisers’ list of participants")] if self.roster else []),
            *([self._address] if self.domains else []),
            *([_("a join code from the organisers")] if self.code else []),
            *([_("the organisers’ approval, which you can ask for")] if self.approval else []),
        ]

    @property
    def _address(self) -> str:
        listed = get_text_list(shown_domains(self.domains), _("or"))
        return _("a confirmed email address at %(domains)s") % {"domains": listed}


def ways_of(conference: Conference, *, rules: Admission | None = None) -> Ways:
    rules = rules or rules_of(conference)
    if rules.everyone:
        return Ways(everyone=True, roster=False, domains=[], code=False, approval=False)
    has_code = JoinCode.objects.usable().filter(conference=conference).exists()
    return Ways(False, rules.roster, list(rules.email_domains), has_code, rules.approval)


def not_admitted(conference: Conference) -> ValidationError:
    needs = ways_of(conference).needs
    if not needs:
        sentence = _("%(conference)s is not open to new members.") % {"conference": conference}
    elif len(needs) == 1:
        sentence = _("To join %(conference)s, you need %(need)s.")
        sentence %= {"conference": conference, "need": needs[0]}
    else:
        sentence = _("To join %(conference)s, you need one of these: %(needs)s.")
        sentence %= {"conference": conference, "needs": "; ".join(needs)}
    return ValidationError(sentence, code=NOT_ADMITTED)
