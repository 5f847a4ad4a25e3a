"""What the database allows only once, and the test in which several requests try it at once."""

import ast

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ANSWERS = "accounts/tests/test_answering_once.py::test"
ADDRESS = "accounts/tests/test_address_races.py::test"
ROLES = "accounts/tests/test_role_races.py::test"
SLUGS = "conferences/tests/test_conference_races.py::test"
INVITATIONS = "voting/tests/test_invitation_races.py::test"
MEMBERS = "voting/tests/test_member_races.py::test"
DELIVERIES = "voting/tests/test_delivery_races.py::test"
ADMISSION = "conferences/tests/test_admission_races.py::test"
ROSTERS = "conferences/tests/test_roster_races.py::test"
TEAMS = "conferences/tests/test_team_races.py::test"
MAILBOXES = "conferences/tests/test_one_account_per_mailbox.py::test"
FACTORS = "accounts/tests/test_second_factor_races.py::test"
FIGURES = "voting/tests/test_figure_races.py::test"
DESK = "voting/tests/test_desk_races.py::test"
CAMPAIGNS = "voting/tests/test_campaign_races.py::test"
VOTES = "voting/tests/test_vote_races.py::test"
CONSENT = "voting/tests/test_consent_races.py::test"
ROLL = "voting/tests/test_roll_races.py::test"
ROSTER_VOTES = "voting/tests/test_roster_vote_races.py::test"
WINDOW = "voting/tests/test_window_races.py::test"
REHEARSAL = "voting/tests/test_rehearsal_races.py::test_a_rehearsal"
MERGES = "voting/tests/test_merge_races.py::test"
WEBHOOKS = "conferences/tests/test_webhook_races.py::test"
TIMETABLE = "voting/tests/test_timetable_races.py::test"
RACES = {
    "account.EmailAddress (user, email)": [
        f"{ADDRESS}_one_address_confirmed_at_once_is_one",
        f"{ADDRESS}_one_person_who_confirms_a_new_address_in_two_browsers_at_once_has_it_once",
    ],
    "account.EmailAddress unique_primary_email": [f"{ADDRESS}_one_address_confirmed_at_once_is_one"],
    "account.EmailAddress unique_verified_email": [
        f"{ADDRESS}_new_address_that_several_confirm_at_once_is_one_persons"
    ],
    "accounts.DisabledMailbox digest": [f"{ROLES}_accounts_of_one_mailbox_disabled_at_once_are_all_disabled"],
    "accounts.KeptAnswer key": [f"{ANSWERS}_many_at_once_with_one_key_have_one_effect_and_one_answer"],
    "accounts.LinkedAddress linked_address_once_per_person": [
        f"{ADDRESS}_one_address_linked_in_several_browsers_at_once_is_linked_once"
    ],
    "accounts.User email": [
        f"{ADDRESS}_sign_ups_with_one_address_confirmed_at_once_make_one_person",
        f"{ADDRESS}_new_address_that_several_confirm_at_once_is_one_persons",
    ],
    "accounts.User_groups (user, group)": [
        f"{ROLES}_a_person_made_an_organiser_by_several_at_once_has_the_role_once"
    ],
    "auth.Group name": [f"{ROLES}_a_role_that_two_add_at_once_is_refused_in_words_to_one"],
    "conferences.Conference slug": [
        f"{SLUGS}_an_address_that_two_take_at_once_is_refused_in_words_to_one",
        f"{MEMBERS}_importing_a_file_in_parallel_adds_its_rows_once",
    ],
    "conferences.Conference rehearses": [f"{REHEARSAL}_that_several_start_at_once_is_one"],
    "conferences.ConsentRequest consent_request_one_waits": [
        f"{CONSENT}_of_different_requests_at_once_one_waits",
        f"{CONSENT}_the_same_request_at_once_is_one_request",
    ],
    "conferences.ExcludedMailbox excluded_mailbox_once": [
        f"{DELIVERIES}_accounts_of_one_mailbox_excluded_at_once_are_remembered_once"
    ],
    "conferences.JoinCode code": [f"{ADMISSION}_one_code_drawn_for_two_conferences_at_once_is_drawn_again"],
    "conferences.JoinRequest join_request_one_waits": [
        f"{ADMISSION}_person_who_asks_several_times_at_once_has_one_request"
    ],
    "conferences.OldAddress slug": [f"{MERGES}_two_organisers_at_once_merge_a_duplicate_once"],
    "conferences.OldEntry id": [f"{MERGES}_two_organisers_at_once_merge_a_duplicate_once"],
    "conferences.OldMembership id": [f"{MERGES}_two_organisers_at_once_merge_a_duplicate_once"],
    "conferences.Membership membership_once_per_mailbox": [
        f"{MAILBOXES}_of_accounts_that_join_at_once_one_is_a_member"
    ],
    "conferences.Membership membership_once_per_person": [
        f"{MEMBERS}_joining_in_parallel_makes_one_membership"
    ],
    "conferences.RosterEntry membership": [
        f"{ROSTER_VOTES}_one_member_who_claims_many_entries_at_once_gets_one"
    ],
    "conferences.RosterEntry roster_entry_once_per_mailbox": [
        f"{ROSTERS}_a_hundred_imports_of_one_file_at_once_list_each_person_once",
        f"{ROSTERS}_one_address_added_by_several_at_once_is_there_once",
    ],
    "conferences.Series slug": [f"{TEAMS}_a_series_that_several_create_at_once_is_created_once"],
    "conferences.TeamMember team_member_once_in_conference": [
        f"{TEAMS}_an_invitation_accepted_in_several_browsers_at_once_makes_one_member"
    ],
    "conferences.TeamMember team_member_once_in_series": [
        f"{TEAMS}_an_invitation_accepted_in_several_browsers_at_once_makes_one_member"
    ],
    "conferences.WebhookEvent occasion": [
        f"{WEBHOOKS}_what_happens_once_is_stored_once_if_several_notice_it"
    ],
    "mfa.Authenticator unique_authenticator_type": [
        f"{FACTORS}_two_apps_activated_at_once_are_one_and_the_other_is_notified",
        f"{FACTORS}_app_and_passkey_added_at_once_make_one_set_of_recovery_codes",
        f"{FACTORS}_recovery_codes_made_anew_at_once_are_one_set",
    ],
    "socialaccount.SocialAccount (provider, uid)": [
        f"{ADDRESS}_one_log_in_connected_in_several_browsers_at_once_is_connected_once",
        f"{ADDRESS}_one_log_in_that_several_people_connect_at_once_is_one_persons",
    ],
    "voting.Campaign open_candidate": [f"{DELIVERIES}_a_member_who_asks_twice_at_once_has_one_open_request"],
    "voting.KeptFigure kept_figure_once": [f"{FIGURES}_many_who_look_at_once_have_it_counted_once"],
    "voting.Decision current_election": [
        f"{MEMBERS}_two_organisers_at_once_make_one_decision",
        f"{DESK}_organisers_at_once_make_one_decision",
    ],
    "voting.Delivery delivery_once_per_recipient": [
        f"{CAMPAIGNS}_fifty_approvals_at_once_make_one_delivery_a_member"
    ],
    "voting.Delivery delivery_once_per_entry": [
        f"{INVITATIONS}_fifty_approvals_at_once_make_one_delivery_an_entry",
        f"{INVITATIONS}_an_invitation_resent_by_several_at_once_is_sent_once_more",
    ],
    "voting.Report report_one_waits": [f"{MEMBERS}_reporting_in_parallel_keeps_one_report_of_each_member"],
    "voting.SendingSlot slot_once_per_number": [
        f"{DELIVERIES}_workers_that_begin_a_campaign_at_once_share_its_slots"
    ],
    "voting.Pitch membership": [f"{MEMBERS}_saving_a_pitch_in_parallel_keeps_one"],
    "voting.PublishedBallots election": [
        f"{MEMBERS}_publishing_in_parallel_publishes_once",
        f"{MEMBERS}_first_looks_after_the_close_publish_once",
    ],
    "voting.RollEntry leaf": [f"{ROLL}_many_freeze_a_roll_at_once_and_it_is_frozen_once"],
    "voting.RollEntry membership": [
        f"{ROLL}_many_freeze_a_roll_at_once_and_it_is_frozen_once",
        f"{ROLL}_organisers_at_once_add_a_voter_once",
    ],
    "voting.RollEntry roster_entry": [f"{ROSTER_VOTES}_organisers_at_once_add_an_entry_of_the_roster_once"],
    "voting.ReturnedEmail returned_email_counts_once": [
        "voting/tests/test_bounce_races.py::test_one_bounce_at_once_counts_once"
    ],
    "voting.UndeliverableAddress address": [
        f"{DELIVERIES}_an_address_refused_by_several_mail_servers_at_once_is_marked_once"
    ],
    "voting.UnsubscribedMailbox digest": [
        f"{INVITATIONS}_unsubscribing_a_mailbox_at_once_is_one_unsubscription"
    ],
    "voting.Unsubscription unsubscription_once_per_person": [
        f"{DELIVERIES}_unsubscribing_at_once_is_one_unsubscription"
    ],
    "voting.Vote voter": [f"{VOTES}_one_voter_in_parallel_has_one_vote"],
    "voting.Campaign conference_change": [
        "voting/tests/test_cancel_races.py::test_two_organisers_at_once_cancel_once"
    ],
    "voting.Campaign change_for_invited": [
        "voting/tests/test_cancel_races.py::test_who_was_invited_gets_one_email_from_two_organisers_at_once"
    ],
    "voting.Notice campaign": [f"{TIMETABLE}_workers_at_the_same_turn_send_once"],
    "voting.Notice notice_once_per_occasion": [
        f"{TIMETABLE}_workers_at_the_same_turn_send_once",
        f"{TIMETABLE}_constraint_alone_lets_one_row_in",
    ],
    "voting.SwitchedOffNotice notice_switched_off_once": [
        f"{TIMETABLE}_organisers_who_switch_off_at_once_switch_off_once"
    ],
    "voting.Campaign window_for_invited": [f"{WINDOW}_two_organisers_at_once_notify_who_was_invited_once"],
    "voting.Campaign decision": [
        "voting/tests/test_desk_races.py::test_a_speaker_who_steps_down_twice_at_once_is_announced_once"
    ],
    "voting.Campaign window_change": [f"{WINDOW}_two_organisers_at_once_move_the_deadline_once"],
}
NOT_REACHED_TWICE = {
    "accounts.User_user_permissions (user, permission)": "No page gives a person a permission of their own.",
    "auth.Group_permissions (group, permission)": "Django adds these rows and takes those that are there.",
    "auth.Permission (content_type, codename)": "Made by migrations.",
    "contenttypes.ContentType (app_label, model)": "Made by migrations.",
    "conferences.ApiToken digest": "Of 256 random bits.",
    "conferences.ApiToken_conferences (apitoken, conference)": "Stored together with its token.",
    "conferences.TeamInvitation token_digest": "Of 256 random bits.",
    "account.EmailConfirmation key": "Confirmation is by code; the table stays empty.",
    "socialaccount.SocialToken (app, account)": "No tokens are stored; the table stays empty.",
    "sessions.Session session_key": "Random, and Django tries another where it is taken.",
    "usersessions.UserSession session_key": "Each log-in has a session key of its own.",
    "conferences.Admission conference": "Stored together with its conference.",
    "conferences.WebhookMessage webhook_message_once_to_each": "Stored together with its event.",
    "voting.Election conference": "Stored together with its conference.",
    "voting.Vote tracker": "A digest of the member's ID and random bits.",
}


def unique_columns():
    for model in apps.get_models(include_auto_created=True):
        for column in model._meta.local_fields:
            if column.unique and not isinstance(column, models.AutoField | models.UUIDField):
                yield f"{model._meta.label} {column.name}"
        for names in model._meta.unique_together:
            yield f"{model._meta.label} ({', '.join(names)})"
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                yield f"{model._meta.label} {constraint.name}"


def test_each_unique_column_has_a_race_or_a_reason_why_none_can_be():
    assert set(unique_columns()) == set(RACES) | set(NOT_REACHED_TWICE)
    assert not set(RACES) & set(NOT_REACHED_TWICE)


@pytest.mark.parametrize("race", sorted({race for races in RACES.values() for race in races}))
def test_each_race_is_a_test(race):
    path, _, name = race.partition("::")
    tree = ast.parse((settings.BASE_DIR / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
