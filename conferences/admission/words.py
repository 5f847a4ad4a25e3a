"""Rules and codes in words, for the organisers' pages and the audit log."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.admission.domains import shown_domains
from conferences.local_times import in_zone
from conferences.models import Admission, Conference, JoinCode


def rules_in_words(rules: Admission) -> str:
    if rules.everyone and rules.conference.visibility == Conference.Visibility.MEMBERS_ONLY:
        return _("Everyone who finds it may join: people on the roster, or with an invitation or join code.")
    if rules.everyone:
        return _("Everyone with an account may join.")
    listed = [_("people on the roster")] if rules.roster else []
    if rules.email_domains:
        domains = get_text_list(shown_domains(rules.email_domains), _("or"))
        listed.append(_("people with an email address at %(domains)s") % {"domains": domains})
    listed += [_("people whom an organiser lets in")] if rules.approval else []
    if not listed or JoinCode.objects.usable().filter(conference=rules.conference).exists():
        listed.append(_("people with a join code"))
    return _("Only these may join: %(people)s.") % {"people": "; ".join(listed)}


def limits_in_words(code: JoinCode) -> str:
    """How often and until when the code can be used."""
    uses = _("any number of uses")
    if most := code.most_uses:
        uses = ngettext("at most %(n)d use", "at most %(n)d uses", most) % {"n": most}
    if code.expires_at is None:
        return _("%(uses)s, does not expire") % {"uses": uses}
    return _("%(uses)s, until %(time)s") % {"uses": uses, "time": in_zone(code.conference, code.expires_at)}
