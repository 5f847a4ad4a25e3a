"""Organisers of the site take a picture or text off a profile: at once, once, with a reason."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from accounts.actors import Actor
from accounts.models import AdminAct, User, small_name
from accounts.removal import remove_from_profile
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread

pytestmark = pytest.mark.django_db
REASON = "The picture is not of a person."
FACE = "pictures/0123456789abcdef0123456789abcdef.webp"


@pytest.fixture
def dora(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for name in (FACE, small_name(FACE)):
        default_storage.save(name, ContentFile(b"pixels"))
    return make_user("dora@example.org", picture=FACE, profession="Secret agent", bio="Licence to bill")


def remove(dora, *parts, by=None, reason=REASON):
    return remove_from_profile(user=dora, parts=parts, reason=reason, by=by or Actor.of_command())


def stored(dora):
    return User.objects.values_list("picture", "profession", "bio").get(pk=dora.pk)


def url_of(dora):
    return f"/admin/accounts/user/{dora.pk}/removal/"


def test_picture_goes_with_both_of_its_files(dora, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert remove(dora, "picture") is Change.MADE
    assert stored(dora) == ("", "Secret agent", "Licence to bill")
    assert [default_storage.exists(name) for name in (FACE, small_name(FACE))] == [False, False]


def test_texts_go_and_the_picture_stays(dora):
    remove(dora, "profession", "bio")
    assert stored(dora) == (FACE, "", "")
    assert default_storage.exists(FACE)


def test_person_gets_one_email_with_what_was_removed_and_why(dora):
    assert [remove(dora, "picture", "bio") for _ in range(2)] == [Change.MADE, Change.NONE]
    [email] = mail.outbox
    assert email.to == ["dora@example.org"]
    for words in ("Picture, Bio", REASON, "something else in its place", "/people/profile/"):
        assert words in email.body


def test_email_is_in_the_language_of_its_reader(dora):
    User.objects.update(language="de")
    dora.refresh_from_db()
    remove(dora, "picture")
    assert "Bild" in mail.outbox[0].body


def test_disabled_person_gets_no_email(dora):
    User.objects.update(is_active=False)
    assert remove(dora, "picture") is Change.MADE
    assert mail.outbox == []


def test_audit_log_has_it_once_with_the_reason(dora, organiser):
    for _ in range(2):
        remove(dora, "picture", by=Actor(organiser))
    entry = AdminAct.objects.get()
    assert (entry.act, entry.by, entry.reason) == ("remove from profile", organiser, REASON)
    assert entry.what == "Removed from the profile: Picture."


def test_without_a_reason_nothing_is_removed(dora):
    with pytest.raises(ValidationError, match="give a reason"):
        remove(dora, "picture", reason=" ")
    assert stored(dora)[0] == FACE


def test_no_one_decides_about_their_own_profile(organiser):
    User.objects.update(profession="Secret agent")
    with pytest.raises(ValidationError, match="your own profile"):
        remove(organiser, "profession", by=Actor(organiser))
    assert stored(organiser)[1] == "Secret agent"


def test_organiser_removes_on_the_page_to_which_that_of_the_person_leads(as_organiser, dora):
    change = f"/admin/accounts/user/{dora.pk}/change/"
    assert url_of(dora) in parse(as_organiser.get(change)).links
    shown = parse(as_organiser.get(url_of(dora)))
    assert shown.attributes("[name=parts]", "value") == ["picture", "profession", "bio"]
    sent = {"parts": ["picture"], "reason": REASON}
    answers = [as_organiser.post(url_of(dora), sent) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [change] * 2
    assert len(mail.outbox) == 1
    shown = parse(as_organiser.get(url_of(dora)))
    assert shown.attributes("[name=parts]", "value") == ["profession", "bio"]


@pytest.mark.parametrize(
    ("missing", "words"), [("parts", "select what is removed"), ("reason", "give a reason")]
)
def test_form_says_what_is_missing_and_keeps_the_rest(as_organiser, dora, missing, words):
    sent = {"parts": ["bio"], "reason": REASON}
    del sent[missing]
    page = parse(as_organiser.post(url_of(dora), sent))
    assert words in page.text
    assert page.has("[name=parts][value=bio][checked]") == (missing != "parts")
    assert (REASON in page.text) == (missing != "reason")
    assert stored(dora)[2] == "Licence to bill"


def test_page_says_where_nothing_is_left_to_remove(as_organiser, stranger):
    assert parse(as_organiser.get(url_of(stranger))).has("#nothing")


def test_page_leads_back_to_where_the_organiser_came_from_on_this_site_only(as_organiser, dora):
    sent = {"parts": ["bio"], "reason": REASON}
    asked = as_organiser.get(f"{url_of(dora)}?next=/admin/")
    assert parse(asked).attributes("[name=next]", "value") == ["/admin/"]
    answer = as_organiser.post(url_of(dora), sent | {"next": "/admin/"})
    assert answer.headers["Location"] == "/admin/"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "javascript:alert(1)", "//elsewhere.example"]
)
def test_page_never_leads_to_another_site(as_organiser, dora, elsewhere):
    sent = {"parts": ["bio"], "reason": REASON, "next": elsewhere}
    assert elsewhere not in parse(as_organiser.get(f"{url_of(dora)}?next={elsewhere}")).links
    answer = as_organiser.post(url_of(dora), sent)
    assert answer.headers["Location"] == f"/admin/accounts/user/{dora.pk}/change/"


@pytest.mark.parametrize("who", ["member", "staff"])
def test_page_is_only_for_organisers_of_the_site(client, dora, who):
    log_in_freshly(client, make_user("other@example.org", is_staff=who == "staff"))
    for answer in (client.get(url_of(dora)), client.post(url_of(dora), {"parts": ["bio"], "reason": "x"})):
        assert answer.status_code in (302, 403)
    assert stored(dora)[2] == "Licence to bill"


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_organisers_at_once_send_one_email(roles):
    dora = make_user("dora@example.org", profession="Secret agent")
    people = [make_organiser(f"{name}@example.org") for name in ("one", "two")]
    acts = [InThread(lambda by=by: remove(dora, "profession", by=Actor(by))) for by in people]
    assert [act.finish().error for act in acts] == [None, None]
    assert AdminAct.objects.count() == 1
