"""The settings of a site that people use."""

from ipaddress import ip_address

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from confbox.watching.findings import Finding, ok, problem, warning

LAST_LOG_INS = 50
ENOUGH_LOG_INS = 10


def settings_of_production() -> Finding:
    if settings.DEBUG:
        return problem(_("DEBUG is on, so errors show the code of the site to everyone. Set DEBUG=false."))
    wrong = _wrong_settings()
    if not wrong:
        return ok(_("They are those of a site that people use."), 0)
    return warning(" ".join(wrong), len(wrong))


def _wrong_settings() -> list[str]:
    wrong = []
    if not settings.HTTPS:
        wrong.append(_("HTTPS is off, so passwords can be read on their way. Set HTTPS=true."))
    if not settings.STAFF_MFA_REQUIRED:
        wrong.append(_("Organisers need no second factor. Set STAFF_MFA_REQUIRED=true."))
    if settings.MAILBOX:
        wrong.append(_("Every email can be read at /mailbox/. Set MAILBOX=false."))
    if settings.WEBHOOK_ALLOWED_NETWORKS:
        said = _("Webhooks may be sent to hosts that are not public. Leave WEBHOOK_ALLOWED_NETWORKS empty.")
        wrong.append(said)
    if settings.WEBHOOK_EXTRA_CA:
        wrong.append(_("Webhooks trust a certificate authority of your own. Leave WEBHOOK_EXTRA_CA empty."))
    if not settings.SECURITY_CONTACT:
        wrong.append(_("SECURITY_CONTACT is missing, so no one can report a vulnerability."))
    if settings.HTTPS:
        found = checks.run_checks(include_deployment_checks=True, tags=["security"])
        wrong += [f"{each.id}: {each.msg}" for each in found]
    return wrong


def client_address() -> Finding:
    """Whether the site knows who its visitors are: their limits are counted by their IP addresses."""
    seen = list(UserSession.objects.order_by("-pk").values_list("user_id", "ip")[:LAST_LOG_INS])
    addresses = {address for _user, address in seen}
    number = len(addresses)
    if any(ip_address(address).is_loopback for address in addresses) and not settings.DEBUG:
        said = _(
            "Log-ins come from this host itself: the proxy does not pass on the IP addresses of visitors."
        )
        return problem(f"{said} {_behind_proxy()}", number)
    if number == 1 and len({user for user, _address in seen}) >= ENOUGH_LOG_INS:
        said = _(
            "All recent log-ins come from one IP address. If it is a load balancer’s, name it in %(file)s."
        )
        return warning(said % {"file": "real-address.conf"}, number)
    if settings.HTTPS and not hasattr(settings, "ALLAUTH_TRUSTED_CLIENT_IP_HEADER"):
        return warning(_behind_proxy(), number)
    return ok(_("The IP addresses of visitors are known."), number)


def _behind_proxy() -> str:
    return _("Behind nginx, set BEHIND_PROXY=true and have nginx set X-Real-IP and X-Forwarded-Proto.")
