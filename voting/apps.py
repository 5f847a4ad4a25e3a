from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        self._join_the_apps_below()
        self._join_rosters()
        self._join_removal_from_profiles()
        self._join_copying()
        self._join_creating()
        self._join_changes_of_conferences()
        self._join_merging()
        self._give_permissions_to_roles()
        self._add_words_to_the_audit_log()
        self._register_acts()
        self._add_to_the_dashboard()
        self._add_to_the_overview()
        self._list_failed_emails()
        self._register_events()
        self._register_problems()

    def _register_events(self) -> None:
        from conferences.outbox.kinds import register
        from voting.campaigns.events import OF_CAMPAIGNS
        from voting.elections.events import OF_ELECTIONS

        for kind in (*OF_ELECTIONS, *OF_CAMPAIGNS):
            register(kind)

    def _register_problems(self) -> None:
        from confbox.kit.api.problems import register
        from voting.campaigns.api.problems import PROBLEMS as OF_CAMPAIGNS
        from voting.elections.api.problems import PROBLEMS as OF_ELECTIONS

        register(OF_ELECTIONS | OF_CAMPAIGNS)

    def _register_acts(self) -> None:
        from conferences.consent.acts import register
        from voting.elections.consent import ACTS_OF_VOTE

        for act in ACTS_OF_VOTE:
            register(act)

    def _give_permissions_to_roles(self) -> None:
        from voting.permissions import add_to_roles

        add_to_roles()

    def _add_words_to_the_audit_log(self) -> None:
        from voting.audit_words import add_words

        add_words()

    def _list_failed_emails(self) -> None:
        from conferences.overview.undelivered import EMAIL_TASKS
        from voting.timetable.tasks import email_person

        EMAIL_TASKS.append(email_person.module_path)

    def _add_to_the_dashboard(self) -> None:
        from conferences.teams.dashboard import WAITING
        from voting.desk.campaign_dashboard import CAMPAIGNS
        from voting.desk.moderation_dashboard import PASSED_ON, PITCHES, REPORTS
        from voting.elections.dashboard import ANSWERS, DECISIONS, RULES

        WAITING.extend([DECISIONS, ANSWERS, CAMPAIGNS, RULES, PITCHES, REPORTS, PASSED_ON])

    def _add_to_the_overview(self) -> None:
        from conferences.organising import checklist, tabs
        from conferences.overview import parts
        from voting.desk import overview

        checklist.KINDS.extend(overview.LINES)
        parts.PARTS.append(overview.PART)
        tabs.TABS.extend(overview.TABS)
        tabs.MORE.extend(overview.MORE)

    def _join_the_apps_below(self) -> None:
        from accounts import actions
        from accounts import panels as account_panels
        from accounts.my_data import parts
        from conferences import actions as conference_actions
        from conferences import my_data as data_of_members
        from conferences import page_parts
        from voting.campaigns import my_data as campaign_data
        from voting.campaigns.notices import (
            notify_invited_of_window,
            notify_of_stepping_down,
            notify_of_window,
        )
        from voting.campaigns.result_announcement import announce_result
        from voting.campaigns.subscriptions.panels import address_note
        from voting.elections import answers, conference_page, disabling, window
        from voting.elections import my_data as election_data
        from voting.elections.election.actions import create_elections, refuse_while_open
        from voting.elections.opening import open_on_publication
        from voting.elections.receipts.actions import publish_closed_ballots_of
        from voting.elections.roll.actions import enter_late_joiner

        actions.BEFORE_DISABLING.append(disabling.void_votes)
        account_panels.NOTES_ON_ADDRESS.append(address_note)
        actions.AFTER_ENABLING.append(disabling.restore_votes)
        actions.BEFORE_RENAMING.append(publish_closed_ballots_of)
        answers.AFTER_ACCEPTING.append(announce_result)
        answers.AFTER_STEPPING_DOWN.append(notify_of_stepping_down)
        window.AFTER_CHANGING.extend([notify_of_window, notify_invited_of_window])
        page_parts.PARTS.append(conference_page.PART)
        page_parts.MEMBERSHIP_STATES.append(conference_page.membership_states)
        for data in (election_data, campaign_data):
            parts.register(data.PART)
            data_of_members.OF_MEMBERSHIP.append(data.of_membership)
        conference_actions.AFTER_JOINING.append(enter_late_joiner)
        conference_actions.AFTER_CREATING.append(create_elections)
        conference_actions.AFTER_PUBLISHING.append(open_on_publication)
        conference_actions.BEFORE_DEACTIVATING.append(refuse_while_open)

    def _join_rosters(self) -> None:
        from conferences import matching
        from conferences.roster import actions, page_parts
        from voting.desk import roster_page, roster_roll
        from voting.elections.roll import roster as roll_of_roster
        from voting.elections.roll.actions import lock_out_freezing

        page_parts.ROSTER_PARTS.extend([roster_page.PART, roster_roll.PART])
        matching.BEFORE_CLAIMING.append(lock_out_freezing)
        matching.AFTER_CLAIMING.append(roll_of_roster.enter_claimed)
        actions.BEFORE_CHANGING.append(roll_of_roster.hold_roll)
        actions.BEFORE_CHANGING_MAILBOX.append(roll_of_roster.refuse_other_mailbox)
        actions.AFTER_REMOVING.append(roll_of_roster.remove_listed)

    def _join_removal_from_profiles(self) -> None:
        from accounts import removal
        from voting.campaigns.my_data import forget_profession
        from voting.elections.moderation.passing_on import settle_after_removal
        from voting.elections.own_interest import refuse_removal_from_rival

        removal.BEFORE_REMOVING.append(refuse_removal_from_rival)
        removal.AFTER_REMOVING.extend([settle_after_removal, forget_profession])

    def _join_changes_of_conferences(self) -> None:
        from conferences.changes import actions, consequences, deletion
        from voting.campaigns.deletion import consequences_of_deleting, delete_vote
        from voting.campaigns.notices import (
            consequences_for_invited,
            notify_invited,
            notify_of_conference,
        )
        from voting.elections import stopping
        from voting.rehearsal.removal import remove_rehearsal_of
        from voting.timetable.deletion import delete_notices

        actions.BEFORE_CHANGING.append(stopping.hold_votes)
        actions.AFTER_REINSTATING.append(stopping.give_time_back)
        actions.AFTER_CHANGING.extend([notify_of_conference, notify_invited])
        consequences.OF_OTHERS.append(consequences_for_invited)
        consequences.OF_PUBLISHING.append(stopping.consequences_of_publishing)
        consequences.BEFORE_PUBLISHING.append(stopping.warnings_of_publishing)
        consequences.OF_CANCELLING.append(stopping.consequences_of_cancelling)
        consequences.OF_REINSTATING.append(stopping.consequences_of_reinstating)
        consequences.OF_MOVING.append(stopping.consequences_of_moving)
        deletion.BEFORE_DELETING.extend([remove_rehearsal_of, delete_notices, delete_vote])
        deletion.OF_DELETING.append(consequences_of_deleting)
        consequences.KEEPS_ON_SITE.append(stopping.why_to_keep_on_site)
        consequences.OF_UNPUBLISHING.append(stopping.consequences_of_unpublishing)

    def _join_merging(self) -> None:
        from conferences.merging import actions, consequences, rules
        from voting.campaigns import merging as campaigns
        from voting.campaigns.notices import notify_of_merging
        from voting.elections import merging as votes

        rules.WHY_NOT.extend([*votes.WHY_NOT, campaigns.why_not_to_merge])
        rules.WHY_NEVER.append(votes.why_never_to_merge)
        consequences.OF_MERGING.extend([votes.consequences_of_merging, campaigns.consequences_of_merging])
        actions.BEFORE_MOVING.append(votes.close_list)
        actions.WITH_MEMBERS.extend([votes.move_with_members, campaigns.move_unsubscriptions])
        actions.AFTER_MERGING.append(notify_of_merging)

    def _join_copying(self) -> None:
        from conferences.copying import parts
        from voting.elections.election import copying

        parts.PARTS.append(copying.PART)

    def _join_creating(self) -> None:
        from conferences.creating import parts
        from voting.elections import creating

        parts.PARTS.append(creating.PART)
