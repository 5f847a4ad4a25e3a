"""Which kind a refusal is answered as, and which code an error of a field has."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from confbox.api.failures import problem_for
from confbox.kit.coded import coded, coded_error, coded_errors
from confbox.tests.api.answers import kind
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import program_of
from conferences.models import Conference
from conferences.tests.admission import only
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from voting.elections.models import Election
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch

TEXT = {"subject": "Please vote", "message": "It **matters**."}


def answered(rf, refusal):
    response = problem_for(rf.post("/api/v1/"), refusal)
    return response.status_code, json.loads(response.content)


def kind_of(rf, refusal):
    status, found = answered(rf, refusal)
    return status, found["type"], found["detail"]


URL = "/api-docs/problems/{}/"


def test_code_names_the_kind(rf):
    refused = ValidationError("It has changed.", code="outdated")
    assert kind_of(rf, refused) == (409, URL.format("outdated"), "It has changed.")


@pytest.mark.parametrize("code", [None, "unheard_of", "invalid", "not_found", "unreadable"])
def test_what_is_no_kind_of_a_refusal_is_refused(rf, code):
    """A code of Django's does not change the status, although a kind has the same name."""
    assert kind_of(rf, ValidationError("No.", code=code)) == (409, URL.format("refused"), "No.")


def test_sentence_that_has_a_code_keeps_it(rf):
    refused = coded_error(coded("too_many", "There are five."), code="outdated")
    assert kind_of(rf, refused) == (409, URL.format("too-many"), "There are five.")


def test_sentence_without_a_code_has_that_of_the_rule(rf):
    assert kind_of(rf, coded_error("No.", code="outdated")) == (409, URL.format("outdated"), "No.")


def test_several_sentences_have_the_kind_of_the_first(rf):
    refused = coded_errors(["Row 1.", "Row 2."], code="rows_refused")
    assert kind_of(rf, refused) == (409, URL.format("rows-refused"), "Row 1. Row 2.")


def test_each_error_of_a_field_has_a_code(rf):
    refused = ValidationError(
        {
            "title": [ValidationError("Too long.", code="max_length"), ValidationError("Odd.", code="odd")],
            "slug": "Taken.",
            NON_FIELD_ERRORS: [ValidationError("Clash.", code="unique")],
        }
    )
    status, found = answered(rf, refused)
    assert (status, found["errors"]) == (
        422,
        [
            {"field": "title", "code": "max-length", "detail": "Too long. Odd."},
            {"field": "slug", "code": "invalid", "detail": "Taken."},
            {"field": "", "code": "unique", "detail": "Clash."},
        ],
    )


def codes(response):
    assert response.status_code == 422, response.content
    return {error["field"]: error["code"] for error in response.json()["errors"]}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "candidate", "required"),
        ({"candidate": "12"}, "candidate", "wrong-type"),
        ({"candidate": 12, "candidat": 1}, "candidat", "unknown-field"),
        ({"candidate": 0}, "candidate", "min-value"),
        ({"candidate": 2**63}, "candidate", "max-value"),
    ],
)
@pytest.mark.django_db
def test_field_of_the_wrong_type_has_a_code(alice, conference, body, field, code):
    assert codes(Program(alice.user).post(f"conferences/{conference.slug}/vote/", body)) == {field: code}


@pytest.mark.django_db
def test_field_of_a_form_has_its_code(alice, conference):
    pitch = {"headline": "", "statement": "Small programs.", "accepts_votes": True}
    assert codes(Program(alice.user).post(f"conferences/{conference.slug}/pitch/", pitch)) == {
        "headline": "required"
    }


@pytest.mark.django_db
def test_field_that_a_rule_refuses_has_the_code_of_the_rule(conference):
    person = make_team_member(conference).person
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True})
    owner = program_of(conference)
    asked = {"email": person.email, "role": "reviewer"}
    response = owner.post(f"conferences/{conference.slug}/organise/team/", asked)
    assert codes(response) == {"email": "already-joined"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": Conference.Status.CANCELLED, "stopped_at": timedelta(0)}, "conference-cancelled"),
        ({"starts_at": timedelta(days=-9), "ends_at": timedelta(days=-8)}, "conference-over"),
    ],
)
@pytest.mark.django_db
def test_each_reason_not_to_join_is_a_kind(conference, stranger, columns, expected):
    now = timezone.now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in columns.items()}
    program = Program(stranger)
    Conference.objects.filter(pk=conference.pk).update(**values)
    assert kind(program.post(f"conferences/{conference.slug}/join/")) == expected


@pytest.mark.django_db
def test_person_whom_no_rule_admits(conference, stranger):
    only(conference, approval=True)
    assert kind(Program(stranger).post(f"conferences/{conference.slug}/join/")) == "not-admitted"


@pytest.fixture
def ask(alice, conference):
    """A member asks for a campaign; answers the kind of the refusal."""
    return lambda: kind(Program(alice.user).post(f"conferences/{conference.slug}/campaigns/", TEXT))


@pytest.mark.django_db
def test_campaign_of_a_member_who_has_opted_out(alice, ask):
    type(alice).objects.filter(pk=alice.pk).update(accepts_votes=False)
    assert ask() == "opted-out"


@pytest.mark.django_db
def test_campaign_of_a_member_whose_pitch_is_hidden(alice, ask):
    make_pitch(alice)
    type(alice).objects.filter(pk=alice.pk).update(
        pitch_hidden_at=timezone.now(), pitch_hidden_reason="An advert."
    )
    assert ask() == "pitch-hidden"


@pytest.mark.django_db
def test_campaign_where_there_are_none(conference, ask):
    Election.objects.filter(pk=conference.pk).update(campaigns_per_candidate=0)
    assert ask() == "campaigns-off"


@pytest.mark.django_db
def test_second_campaign_while_one_is_waiting(alice, ask):
    make_campaign(alice)
    assert ask() == "campaign-waiting"


@pytest.mark.django_db
def test_campaign_after_the_last_that_is_allowed(alice, conference, ask):
    Election.objects.filter(pk=conference.pk).update(campaigns_per_candidate=1)
    make_campaign(alice, status="sent", started_at=timezone.now() - timedelta(days=9))
    assert ask() == "too-many"


@pytest.mark.django_db
def test_campaign_soon_after_the_last(alice, conference, ask):
    Election.objects.filter(pk=conference.pk).update(campaigns_per_candidate=2, campaign_gap_hours=48)
    make_campaign(alice, status="sent", started_at=timezone.now() - timedelta(hours=1))
    assert ask() == "campaign-too-early"


@pytest.mark.django_db
def test_campaign_that_its_requester_approves(conference):
    """No one approves their own words."""
    owner = program_of(conference)
    path = f"conferences/{conference.slug}/organise/"
    written = owner.post(f"{path}announce/reminder/", TEXT).json()
    refused = owner.post(f"{path}campaigns/{written['id']}/approve/", {"version": 1})
    assert kind(refused) == "another-person-needed"


@pytest.mark.django_db
def test_conference_that_members_have_joined_is_not_deleted(conference, alice):
    owner = program_of(conference)
    refused = owner.post(f"conferences/{conference.slug}/organise/delete/", {"title": conference.title})
    assert kind(refused) == "has-members"


@pytest.mark.django_db
def test_draft_is_not_cancelled():
    draft = make_conference(status="draft")
    refused = program_of(draft).post(
        f"conferences/{draft.slug}/organise/cancel/", {"reason": "The venue is closed."}
    )
    assert kind(refused) == "wrong-state"
