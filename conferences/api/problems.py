"""The kinds of refusals that are about conferences, their members and teams."""

from django.utils.translation import gettext_lazy as _

from confbox.kit.api.problems import refusal

OF_JOINING = {
    "joining-closed": refusal(
        _("The conference is not open to new members."),
        _("It has not been published, or none of its rules admits anyone for now."),
    ),
    "not-admitted": refusal(
        _("No rule of the conference admits you."),
        _("The detail says what you need to join."),
    ),
    "no-join-code": refusal(
        _("This cannot be a join code."),
        _("A join code has eight letters and digits."),
    ),
    "unknown-join-code": refusal(
        _("There is no such join code."),
        _("Check it, or ask the organisers for a new one."),
    ),
    "dead-join-code": refusal(
        _("This join code no longer admits anyone."),
        _("It was ended, has expired or is used up. Ask the organisers for a new one."),
    ),
    "mailbox-taken": refusal(
        _("Another account of this mailbox is a member already."),
        _("Each mailbox can join this conference only once."),
    ),
    "already-joined": refusal(
        _("This person is a member already."),
        _("There is nothing left to do."),
    ),
    "can-join": refusal(
        _("You can join without asking."),
        _("Join the conference instead of asking for it."),
    ),
    "requests-not-accepted": refusal(
        _("You cannot ask to join this conference."),
        _("Its organisers do not accept requests, or have declined twice."),
    ),
    "invitation-ended": refusal(
        _("This invitation can no longer be used."),
        _("It was used, declined or withdrawn, or has expired. Ask for a new one."),
    ),
    "invitation-of-another": refusal(
        _("This invitation is for another email address."),
        _("Confirm that email address in your settings, if it is yours."),
    ),
}
OF_CONFERENCES = {
    "conference-over": refusal(
        _("The conference is over, or will be by then."),
        _("This is possible only before it ends."),
    ),
    "conference-cancelled": refusal(
        _("The conference is cancelled."),
        _("If it takes place after all, an organiser has to say so first."),
    ),
    "conference-not-active": refusal(
        _("The conference is not published."),
        _("Publish it first."),
    ),
    "wrong-state": refusal(
        _("This is not possible in the present state of the conference."),
        _("For example, a draft cannot be cancelled. The detail says what its state is."),
    ),
    "dates-missing": refusal(
        _("The conference has no dates yet."),
        _("Set its dates first."),
    ),
    "has-members": refusal(
        _("People have joined the conference."),
        _("It can be cancelled or taken off the site, which notifies them."),
    ),
    "merge-refused": refusal(
        _("These conferences cannot be merged."),
        _("The detail has each reason."),
    ),
    "not-in-rehearsal": refusal(
        _("This is not possible in a rehearsal."),
        _("Do it in the conference itself."),
    ),
    "entry-removed": refusal(
        _("This entry is removed from the roster."),
        _("List it again first."),
    ),
}
OF_TEAMS = {
    "last-owner": refusal(
        _("The team needs at least one owner."),
        _("Make another person an owner first."),
    ),
    "second-person-needed": refusal(
        _("A second person has to confirm this."),
        _("The detail says how to ask for that."),
    ),
    "no-second-person": refusal(
        _("There is no second person who could confirm this."),
        _("An owner can invite one to the team."),
    ),
    "request-waiting": refusal(
        _("Another request of this kind is waiting."),
        _("It has to be confirmed, declined or withdrawn first."),
    ),
    "already-ended": refusal(
        _("This has been answered, has ended or has expired."),
        _("Nothing was changed. Read what has become of it."),
    ),
    "webhook-off": refusal(
        _("This webhook is switched off."),
        _("Switch it on first."),
    ),
}
PROBLEMS = OF_JOINING | OF_CONFERENCES | OF_TEAMS
