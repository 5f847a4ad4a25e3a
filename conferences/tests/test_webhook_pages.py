"""The pages of webhooks in the admin, of a conference and of a series."""

import datetime as dt
import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.encryption import decrypt
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from conferences.tests.webhooks import SECRET, URL, make_endpoint, make_event
from conferences.webhooks.links import url_of

pytestmark = pytest.mark.django_db
NEW = {"url": URL, "written_as": "json", "events": ["member.joined", "conference.changed"]}
CHAT = NEW | {"written_as": "slack"}
PAGES = ["{one}", "{one}change/", "{one}secret/", "{one}delete/", "{url}sent/{message}/"]


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def url(scope):
    return f"/admin/conferences/{scope._meta.model_name}/{scope.pk}/webhooks/"


@pytest.fixture
def as_team(scope):
    return as_role(scope, Role.ORGANISER)


@pytest.fixture
def endpoint(scope):
    return make_endpoint(scope)


@pytest.fixture
def one(url, endpoint):
    return f"{url}{endpoint.pk}/"


def as_role(scope, role):
    return log_in_freshly(Client(), make_team_member(scope, role).person)


def test_added_webhook_shows_its_secret_once(as_team, url):
    answer = as_team.post(url, NEW)
    endpoint = WebhookEndpoint.objects.get()
    assert answer.url == f"{url}{endpoint.pk}/"
    first, second = (as_team.get(answer.url).content.decode() for _ in range(2))
    secret = decrypt(endpoint.encrypted_secret)
    assert (secret in first, secret in second) == (True, False)


def test_webhook_of_a_chat_has_no_secret_to_copy(as_team, url):
    page = parse(as_team.post(url, CHAT, follow=True))
    assert page.messages == ["The webhook is added. Send a test to see whether it arrives."]
    assert not page.mentions("secret")


def test_secret_that_waits_to_be_shown_is_not_readable_in_the_session(as_team, url):
    as_team.post(url, NEW)
    secret = decrypt(WebhookEndpoint.objects.get().encrypted_secret)
    kept = Session.objects.get(pk=as_team.cookies["sessionid"].value).get_decoded()
    assert "webhook_secret" in kept
    assert secret not in str(kept)


def test_page_with_the_secret_is_kept_nowhere(as_team, url):
    answer = as_team.get(as_team.post(url, NEW).url)
    assert "no-store" in answer["Cache-Control"]


def test_secret_of_one_webhook_is_not_shown_on_the_page_of_another(as_team, url, endpoint):
    as_team.post(url, NEW)
    assert "whsec_" not in as_team.get(f"{url}{endpoint.pk}/").content.decode()


def test_list_shows_each_with_its_state_and_not_its_url(as_team, url, endpoint):
    make_endpoint(endpoint.scope, failing_since=endpoint.created_at)
    make_endpoint(endpoint.scope, switched_off_at=endpoint.created_at, switched_off_because="failing")
    page = parse(as_team.get(url))
    assert page.texts(".team .desk-mark") == ["On", "Failing", "Switched off"]
    assert "It accepted nothing for five days." in page.text
    assert URL not in as_team.get(url).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"url": "http://x.example/"}, {"url": ""}, {"events": []}, {"written_as": "irc"}]
)
def test_mistake_keeps_what_was_typed(as_team, url, wrong):
    page = parse(as_team.post(url, NEW | wrong))
    assert page.texts("[role=alert][tabindex='-1'][autofocus] li")
    assert not WebhookEndpoint.objects.exists()


def test_change_page_does_not_show_the_url_and_keeps_it(as_team, one, endpoint):
    assert URL not in as_team.get(f"{one}change/").content.decode()
    as_team.post(f"{one}change/", CHAT | {"url": ""})
    endpoint.refresh_from_db()
    assert (decrypt(endpoint.encrypted_url), endpoint.format) == (URL, "slack")


def test_new_secret_is_shown_once_after_it_was_confirmed(as_team, one, endpoint):
    as_team.get(f"{one}secret/")
    endpoint.refresh_from_db()
    assert decrypt(endpoint.encrypted_secret) == SECRET
    page = parse(as_team.post(f"{one}secret/", follow=True))
    assert re.search(r"whsec_[\w+/=]+", page.text)[0] != SECRET


def test_test_is_sent(as_team, one, endpoint):
    as_team.post(f"{one}test/")
    assert WebhookMessage.objects.get().event.kind == "test"


def test_button_names_the_state_to_switch_to(as_team, one, endpoint):
    for to, is_on in (("off", False), ("off", False), ("on", True), ("on", True)):
        as_team.post(f"{one}switch/", {"to": to})
        endpoint.refresh_from_db()
        assert endpoint.is_on is is_on


def test_deletion_is_confirmed_first(as_team, url, one, endpoint):
    as_team.get(f"{one}delete/")
    assert as_team.get(one).status_code == 200
    assert as_team.post(f"{one}delete/").url == url
    assert as_team.get(one).status_code == 404


def test_log_leads_to_request_and_answer(as_team, url, one, endpoint):
    message = make_event(endpoint)
    attempt = {"at": endpoint.created_at, "milliseconds": 12, "error": "status", "status": 500}
    WebhookAttempt.objects.create(message=message, request="webhook-id: x", answer="<b>No</b>", **attempt)
    assert f"{url}sent/{message.pk}/" in parse(as_team.get(one)).links
    page = parse(as_team.get(f"{url}sent/{message.pk}/"))
    assert page.texts("pre")[1:] == ["webhook-id: x", "<b>No</b>"]
    assert "Status: 500. It did not accept the request." in page.text


def test_failing_webhook_says_why_and_since_when_in_the_zone_of_the_conference(conference):
    endpoint = make_endpoint(conference, failing_since=dt.datetime(2030, 7, 1, 12, tzinfo=dt.UTC))
    answers = {"at": endpoint.created_at, "milliseconds": 12, "request": "", "error": "status"}
    for status in (404, 503):
        message = make_event(endpoint)
        WebhookAttempt.objects.create(message=message, status=status, **answers)
    Conference.objects.update(time_zone="Asia/Kolkata")
    page = parse(as_role(conference, Role.ORGANISER).get(url_of(conference, "one", endpoint.pk)))
    assert page.mentions("since 1 July 2030, 17:30 (Asia/Kolkata).")
    assert page.mentions("Status: 404. It did not accept the request.")
    assert not page.mentions("503")


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("{one}switch/", {"to": "off"}, "It is switched off. Nothing is sent until you switch it on again."),
        ("{one}switch/", {"to": "on"}, "Nothing was changed."),
        ("{url}sent/{message}/", {"act": "skip"}, "It is left out. What was waiting for it is sent now."),
    ],
)
def test_each_act_says_what_it_did(as_team, url, one, endpoint, path, typed, said):
    message = make_event(endpoint)
    page = parse(as_team.post(path.format(url=url, one=one, message=message.pk), typed, follow=True))
    assert page.messages == [said]


def test_message_is_sent_again_and_left_out(as_team, url, endpoint):
    message = make_event(endpoint)
    WebhookMessage.objects.update(state="given_up")
    for act, state in (("again", "waiting"), ("skip", "skipped"), ("explode", "skipped")):
        as_team.post(f"{url}sent/{message.pk}/", {"act": act})
        message.refresh_from_db()
        assert message.state == state


def test_message_of_another_conference_or_a_deleted_webhook_is_not_there(as_team, url, endpoint):
    foreign = make_event(make_endpoint(make_conference()))
    deleted = make_event(make_endpoint(endpoint.scope, deleted_at=endpoint.created_at))
    assert [as_team.get(f"{url}sent/{each.pk}/").status_code for each in (foreign, deleted)] == [404, 404]


@pytest.mark.parametrize("page", PAGES)
def test_team_of_another_conference_finds_nothing(url, one, endpoint, page):
    path = page.format(url=url, one=one, message=make_event(endpoint).pk)
    stranger = as_role(make_conference(), Role.OWNER)
    assert [stranger.get(path).status_code, stranger.post(path).status_code] == [
        404,
        405 if path == one else 404,
    ]


def test_webhook_of_a_conference_is_not_found_through_another(conference):
    other = make_conference()
    member = make_team_member(conference, Role.ORGANISER)
    make_team_member(other, Role.ORGANISER, user=member.person)
    endpoint = make_endpoint(other)
    client = log_in_freshly(Client(), member.person)
    path = f"/admin/conferences/conference/{conference.pk}/webhooks/{endpoint.pk}/"
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_roles_that_may_not_change_the_conference_are_refused(scope, url, one, role):
    client = as_role(scope, role)
    assert [client.get(path).status_code for path in (url, one)] == [403, 403]
    client.post(url, NEW)
    assert WebhookEndpoint.objects.count() == 1


def test_rehearsal_has_no_webhooks(conference):
    rehearsal = make_conference(rehearses=conference)
    client = as_role(rehearsal, Role.OWNER)
    assert client.get(f"/admin/conferences/conference/{rehearsal.pk}/webhooks/").status_code == 404


def test_person_whose_log_in_is_old_confirms_who_they_are_before_a_change(scope, url):
    client = Client()
    client.force_login(make_team_member(scope, Role.ORGANISER).person)
    assert "/reauthenticate/" in client.post(url, NEW).url
    assert not WebhookEndpoint.objects.exists()


def test_tab_of_a_conference_leads_to_its_webhooks(conference):
    path = f"/admin/conferences/conference/{conference.pk}/webhooks/"
    overview = f"/admin/conferences/conference/{conference.pk}/"
    links = {
        role: parse(as_role(conference, role).get(overview, follow=True)).links
        for role in (Role.ORGANISER, Role.OBSERVER)
    }
    assert (path in links[Role.ORGANISER], path in links[Role.OBSERVER]) == (True, False)


def test_page_of_a_series_leads_to_its_webhooks():
    series = make_series()
    path = f"/admin/conferences/series/{series.pk}/webhooks/"
    page = f"/admin/conferences/series/{series.pk}/change/"
    links = {role: parse(as_role(series, role).get(page)).links for role in (Role.ORGANISER, Role.OBSERVER)}
    assert (path in links[Role.ORGANISER], path in links[Role.OBSERVER]) == (True, False)
