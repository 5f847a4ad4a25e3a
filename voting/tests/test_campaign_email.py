import email
import re
from email.policy import default

import pytest
from django.core import mail

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import Conference
from voting.campaigns.emails import CampaignEmail, CampaignEmails
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.tokens import unsubscribe_token
from voting.tests.campaigns import make_campaign, send
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db


def email_to(recipient, **columns):
    campaign = make_campaign(columns.pop("by", recipient), **columns)
    return as_read(CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=recipient)))


def as_read(message):
    return email.message_from_bytes(message.message().as_bytes(), policy=default)


def part(message, kind):
    return message.get_body((kind,)).get_content()


def test_email_has_a_text_and_an_html_part(alice, bob):
    message = email_to(bob, by=alice, message="Read **this**:\n\n1. one\n2. two")
    assert "1. one\n2. two" in part(message, "plain")
    assert "<strong>this</strong>" in part(message, "html")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_email_says_who_asked_where_and_why_it_came(alice, bob, kind):
    text = part(email_to(bob, by=alice), kind)
    assert "A campaign by Alice, a member of Open Conf" in text
    assert "because you are a member of Open Conf on ConferenceBox" in text
    assert "Hello Bob," in text


def test_email_is_from_the_platform_and_never_from_the_member(alice, bob, settings):
    settings.DEFAULT_FROM_EMAIL = "ConferenceBox <site@example.org>"
    message = email_to(bob, by=alice)
    assert message["From"] == "Open Conf via ConferenceBox <site@example.org>"
    assert message["Reply-To"] == "ConferenceBox <site@example.org>"
    assert alice.user.email not in message.as_string()


def test_email_can_be_unsubscribed_from_with_one_click(alice, bob, settings):
    settings.SITE_URL = "https://example.org"
    message = email_to(bob, by=alice)
    url = f"https://example.org/unsubscribe/{unsubscribe_token(bob.pk)}/"
    assert message["List-Unsubscribe"].strip() == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in part(message, "plain")
    assert url in part(message, "html")


def test_styles_are_inlined_and_the_dark_ones_kept(alice, bob):
    html = part(email_to(bob, by=alice), "html")
    assert re.search(r'<h1 style="[^"]*font-size', html)
    assert "prefers-color-scheme: dark" in html


def test_message_id_has_the_domain_of_any_sender(alice, bob, settings):
    settings.DEFAULT_FROM_EMAIL = '"Acme, Inc." <conferences@events.example.org>'
    message = email_to(bob, by=alice)
    assert message["Message-ID"].endswith("@events.example.org>")
    assert message["Auto-Submitted"] == "auto-generated"


def test_message_id_is_the_deliverys(alice, bob):
    campaign = make_campaign(alice)
    delivery = Delivery(campaign=campaign, recipient=bob)
    assert CampaignEmails(campaign).to(delivery).message()["Message-ID"] == delivery.message_id


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="https://evil.example/pixel">',
        "![pixel](https://evil.example/pixel)",
        '<a href="javascript:alert(1)">here</a>',
        "[here](javascript:alert(1))",
        "[here](JaVaScRiPt:alert(1))",
        "[here](data:text/html;base64,PHNjcmlwdD4=)",
        "[here](vbscript:x)",
        '<b onclick="x()">bold</b>',
        "<style>body{display:none}</style>",
        '<link rel="stylesheet" href="https://evil.example/x.css">',
        '<iframe src="https://evil.example"></iframe>',
        "<form action='https://evil.example'><input></form>",
    ],
)
def test_nothing_dangerous_gets_through(alice, bob, text):
    message = email_to(bob, by=alice, message=f"Hello.\n\n{text}\n\nBye.")
    found = parse(part(message, "html")).elements
    assert not {"script", "img", "style", "link", "iframe", "form", "b"} & {tag for tag, _ in found}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    links = {attributes.get("href") or "https:" for _, attributes in found}
    assert {link.partition(":")[0] for link in links} <= {"https", "http", "mailto"}


TAGS = "{{ settings.SECRET_KEY }} {% load x %} {% include 'y' %} {# z #}"


def test_template_tags_stay_words(alice, bob):
    message = email_to(bob, by=alice, subject=TAGS[:60], message=TAGS)
    assert TAGS in part(message, "plain")
    assert message["Subject"] == TAGS[:60]
    assert "{{ settings.SECRET_KEY }} {% load x %}" in part(message, "html")


def test_name_of_a_recipient_cannot_become_html(alice, bob):
    bob.user.name = "<b>Bob</b> & {{ x }}"
    assert "&lt;b&gt;Bob&lt;/b&gt; &amp; {{ x }}" in part(email_to(bob, by=alice), "html")


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: all@example.org", "Hi\nX: y", "Hi\rX: y", "Hi\u2028X", "a\x00b"]
)
def test_line_break_in_a_subject_is_refused(as_alice, subject):
    page = as_alice.post("/conferences/open-conf/campaigns/new/", {"subject": subject, "message": "Text"})
    assert page.status_code == 200
    assert not Campaign.objects.filter(subject__contains="\n").exists()
    assert not Campaign.objects.filter(subject__contains="\r").exists()


def test_line_break_that_got_into_a_subject_leaves_as_no_header(alice, bob, organiser):
    campaign = make_campaign(alice, subject="Hi\r\nBcc: all@example.org")
    send(campaign, organiser)
    assert mail.outbox == [] or all(not m.bcc for m in mail.outbox)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"failed"}


@pytest.mark.parametrize(("size", "status"), [(900_000, 200), (5_000_000, 413)])
def test_message_of_megabytes_is_refused_in_words(as_alice, size, status):
    page = as_alice.post("/conferences/open-conf/campaigns/new/", {"subject": "Big", "message": "x" * size})
    assert page.status_code == status
    assert "at most" in parse(page).text
    assert not Campaign.objects.exists()


def test_long_lines_are_folded_for_the_mail_server(alice, bob):
    campaign = make_campaign(alice, message="x" * 9000, subject="y" * 120)
    raw = CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=bob)).message().as_bytes()
    assert max(len(line) for line in raw.splitlines()) <= 998
    assert "x" * 9000 in part(email.message_from_bytes(raw, policy=default), "html")


@pytest.mark.parametrize("text", ["👩‍🚀" * 100, "\u202eevil\u202c", "\u200b" * 500, "a" + "\u0301" * 1000])
def test_unusual_text_arrives_as_it_was_written(alice, bob, text):
    assert text in part(email_to(bob, by=alice, message=f"x {text} y"), "plain")


@pytest.mark.parametrize("typed", [{"subject": " ", "message": "x"}, {"subject": "x", "message": " \n "}, {}])
def test_empty_text_is_refused(as_alice, typed):
    assert as_alice.post("/conferences/open-conf/campaigns/new/", typed).status_code == 200
    assert not Campaign.objects.exists()


def test_lone_surrogate_is_refused(as_alice):
    typed = {"subject": "x", "message": "a\ud800b".encode("utf-8", "surrogatepass")}
    assert as_alice.post("/conferences/open-conf/campaigns/new/", typed).status_code in (200, 302)


def combined(conference, organiser):
    from voting.campaigns.actions import announce
    from voting.campaigns.kinds.registry import KINDS

    text = KINDS["candidates"].draft.text_for(conference)
    return announce(conference=conference, kind="candidates", by=Actor(organiser), **text)


def test_pitches_have_an_order_of_each_recipients_own(conference, organiser, alice, bob, carol):
    for number, member in enumerate((alice, bob, carol)):
        make_pitch(member, headline=f"Pitch {number}")
    email = CampaignEmail(combined(conference, organiser))
    orders = {tuple(re.findall(r"--- Pitch (\d)", email._in_order(email._text, n))) for n in range(200)}
    assert all(sorted(order) == ["0", "1", "2"] for order in orders)
    assert len(orders) == 6


def test_order_of_the_pitches_is_the_same_at_every_attempt(conference, organiser, alice, bob, carol):
    for member in (alice, bob, carol):
        make_pitch(member, headline=f"Pitch {member.pk}")
    campaign = combined(conference, organiser)
    assert CampaignEmail(campaign).text_for(bob) == CampaignEmail(campaign).text_for(bob)


def test_pitch_changed_after_the_approval_is_not_sent(conference, organiser, alice, bob):
    pitch = make_pitch(alice, headline="As it was")
    campaign = combined(conference, organiser)
    pitch.headline = "Changed"
    pitch.save()
    send(campaign, organiser)
    assert all("As it was" in m.body and "Changed" not in m.body for m in mail.outbox)


def test_result_has_no_unsubscription(conference, organiser, alice, bob):
    campaign = Campaign.objects.create(
        conference=conference, kind="result", requested_by=organiser, subject="The speaker", message="It is."
    )
    message = CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=bob))
    assert "List-Unsubscribe" not in message.extra_headers
    assert "nsubscribe" not in message.body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_only_the_contact_does_not_read_whom_to_ask(conference, alice, bob, kind):
    """Both are members, so they get the same campaign."""
    Conference.objects.update(contact_name="Alice", contact_email=alice.user.email.title())
    campaign = make_campaign(bob)
    emails = CampaignEmails(Campaign.objects.get(pk=campaign.pk))
    asked = {
        recipient: "Questions?"
        in part(as_read(emails.to(Delivery(campaign=campaign, recipient=recipient))), kind)
        for recipient in (alice, bob)
    }
    assert asked == {alice: False, bob: True}
