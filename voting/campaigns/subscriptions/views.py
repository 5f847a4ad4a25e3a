from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actions import set_receives_notices
from accounts.actors import Actor, actor_of
from accounts.email_limits import count_email
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.ip_addresses import client_ip_address
from conferences.models import Membership
from voting.campaigns.subscriptions import actions
from voting.campaigns.subscriptions.panels import mailbox_panel, notices_panel, subscription_panel
from voting.campaigns.tokens import mailbox_digest_of, membership_of, recipient_of_notices


@csrf_exempt
@login_not_required
@cache_control(private=True, no_store=True)
@asking
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and POST acts, because mail scanners follow links. The token replaces log-in and CSRF token.

    RFC 8058: an email program posts `List-Unsubscribe=One-Click` and expects no redirect.
    """
    if digest := mailbox_digest_of(token):
        return _unsubscribe_mailbox(request, token, digest)
    if recipient := recipient_of_notices(token):
        return _switch_notices(request, token, recipient.user)
    membership = membership_of(token)
    if membership is None:
        return render(request, "voting/campaigns/unknown_link.html", status=404)
    if request.method == "POST":
        _act(request, membership)
        if not _is_one_click(request):
            return redirect(request.path)
    context = {"subscription": subscription_panel(membership), "token": token}
    return render(request, "voting/campaigns/unsubscribe.html", context)


def _is_one_click(request: HttpRequest) -> bool:
    return request.POST.get("List-Unsubscribe") == "One-Click"


def _act(request: HttpRequest, membership: Membership) -> None:
    membership.user.refresh_from_db()
    wish = request.POST.get("wish", "conference")
    # The token names the person; another one may be logged in.
    by = Actor(membership.user, client_ip_address(request))
    if wish == "subscribe":
        actions.subscribe(conference=membership.conference, by=by)
    else:
        actions.unsubscribe(conference=membership.conference, everywhere=wish == "all", by=by)
    membership.user.refresh_from_db()


def _switch_notices(request: HttpRequest, token: str, person: User) -> HttpResponse:
    """The same for the emails about one's conferences."""
    if request.method == "POST":
        wants = request.POST.get("wish") == "subscribe"
        set_receives_notices(receives=wants, by=Actor(person, client_ip_address(request)))
        if not _is_one_click(request):
            return redirect(request.path)
        person.refresh_from_db()
    context = {"subscription": notices_panel(person), "token": token}
    return render(request, "voting/campaigns/unsubscribe_notices.html", context)


def _unsubscribe_mailbox(request: HttpRequest, token: str, digest: str) -> HttpResponse:
    """The same for the recipients of invitations, who need not have an account."""
    if request.method == "POST":
        wants = request.POST.get("wish") == "subscribe"
        act = actions.subscribe_mailbox if wants else actions.unsubscribe_mailbox
        act(digest=digest, by=actor_of(request))
        if not _is_one_click(request):
            return redirect(request.path)
    context = {"subscription": mailbox_panel(digest), "token": token}
    return render(request, "voting/campaigns/unsubscribe_mailbox.html", context)


@require_POST
def confirm_address_again(request: PersonRequest) -> HttpResponse:
    """Emails a link to an address that was refused; a person who can read it there can confirm it again."""
    try:
        count_email(request, request.user.email)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("me")
    actions.ask_to_confirm_address(by=actor_of(request))
    messages.success(request, _("We sent a link to %(address)s.") % {"address": request.user.email})
    return redirect("me")


@asking
def confirmed_address(request: PersonRequest, token: str) -> HttpResponse:
    address = actions.confirmed_address(user=request.user, token=token)
    if address is None:
        raise Http404
    if request.method == "POST":
        actions.forget_undeliverable(by=actor_of(request))
        thanks = _("Thank you. We will send emails to %(address)s again.")
        messages.success(request, thanks % {"address": address})
        return redirect("me")
    return render(request, "voting/campaigns/confirm_address.html", {"address": address})
