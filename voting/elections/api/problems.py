"""The kinds of refusals that are about votes, candidates and decisions."""

from django.utils.translation import gettext_lazy as _

from confbox.kit.api.problems import refusal

OF_VOTES = {
    "voting-not-open": refusal(
        _("Voting is not open."),
        _("It has not opened, has closed, or will not take place. The detail says which."),
    ),
    "voting-open": refusal(
        _("Voting is open."),
        _("It has to be closed first."),
    ),
    "voting-not-over": refusal(
        _("Voting is not over."),
        _("This is possible once it has closed."),
    ),
    "voting-over": refusal(
        _("Voting is over, or will be by then."),
        _("This is possible only before it closes."),
    ),
    "count-final": refusal(
        _("The count is final."),
        _("What could change it is no longer possible."),
    ),
    "not-entitled": refusal(
        _("You cannot vote in this election."),
        _("The detail says why, and what you can do about it."),
    ),
    "not-a-candidate": refusal(
        _("This member cannot be voted for."),
        _("Vote for another one, such as those of the ballot."),
    ),
    "all-may-vote": refusal(
        _("In this conference, all members may vote."),
        _("A person can be added to the list of voters once they have joined."),
    ),
    "no-receipt": refusal(
        _("This is not a receipt."),
        _("Send the whole text of the file that you downloaded."),
    ),
    "ballots-not-published": refusal(
        _("The ballots are not published yet."),
        _("They are published after voting has closed."),
    ),
    "kept-linked": refusal(
        _("Voters have to stay linked to their votes for now."),
        _("The count can still be disputed, or a dispute is being looked into."),
    ),
    "voters-unlinked": refusal(
        _("Voters are no longer linked to their votes."),
        _("The link was permanently removed."),
    ),
}
OF_DECISIONS = {
    "speaker-chosen": refusal(
        _("A speaker has already been chosen."),
        _("That decision has to be declined or withdrawn first."),
    ),
    "cannot-be-chosen": refusal(
        _("This member cannot be chosen as the speaker."),
        _("The speaker is a current member, and one of those who are tied if there is a tie."),
    ),
    "not-the-speaker": refusal(
        _("This person is no longer the speaker."),
        _("Nothing was changed."),
    ),
}
OF_CANDIDATES = {
    "members-only": refusal(
        _("Only current members of the conference can do this."),
        _("Join the conference first."),
    ),
    "conference-secret": refusal(
        _("Only members see this conference."),
        _("What it shows cannot be made public."),
    ),
    "no-pitch": refusal(
        _("There is no pitch."),
        _("A candidate has to write one first."),
    ),
    "pitch-hidden": refusal(
        _("The organisers have hidden this pitch."),
        _("They can show it again."),
    ),
    "pitch-being-checked": refusal(
        _("The organisers are checking this pitch."),
        _("Try again when they have decided."),
    ),
    "nothing-shown": refusal(
        _("The other members do not see this."),
        _("There is nothing to report."),
    ),
    "unchanged-since": refusal(
        _("Nothing has been changed since then."),
        _("This is possible once what was reported has been changed."),
    ),
}
PROBLEMS = OF_VOTES | OF_DECISIONS | OF_CANDIDATES
