"""The rules of a vote: before it opens they can change freely, afterwards only become stricter."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election, VotingState
from voting.elections.models import KeptFigure
from voting.elections.results import is_tally_live, was_tally_live
from voting.elections.rules.registry import RULES


def set_rules(*, conference: Conference, by: Actor, **choices: Any) -> Election:
    """Sets the rules of the vote, by the names of their fields; those that are left out become the default.

    Without rules no vote opens.

    Raises:
        ValidationError: a choice is not one of its rule, or voting has opened and the rule would become less
            strict or can no longer change; the messages have the names of the rules as keys.
    """
    rules = {rule.field: choices.get(rule.field, rule.column.get_default()) for rule in RULES}
    if unknown := choices.keys() - rules.keys():
        raise TypeError(f"These are no rules: {', '.join(unknown)}.")
    _refuse_what_is_no_choice(rules)
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        _refuse_too_late(locked)
        refuse_laxer_rules(conference=locked, rules=rules)
        was_live = was_tally_live(locked) and not _is_before_opening(locked)
        _store(locked.election, rules | {"tally_was_live": was_live})
        if was_live and not is_tally_live(locked):
            KeptFigure.objects.filter(election=locked.pk, kind=KeptFigure.Kind.TALLY).delete()
        log_act(by=by, act="rules", target=locked, what=_in_words(rules))
    conference.refresh_from_db()
    return locked.election


def _in_words(rules: dict[str, Any]) -> str:
    listed = "; ".join(f"{rule.label}: {rule.choice_in_words(rules[rule.field])}" for rule in RULES)
    return _("Rules of the vote set. %(rules)s.") % {"rules": listed}


def _refuse_what_is_no_choice(rules: dict[str, Any]) -> None:
    refusals = {}
    for rule in RULES:
        try:
            rule.column.clean(rules[rule.field], None)
        except ValidationError as refusal:
            refusals[rule.field] = refusal
    if refusals:
        raise ValidationError(refusals)


def _store(election: Election, rules: dict[str, Any]) -> None:
    for name, choice in rules.items():
        setattr(election, name, choice)
    election.rules_set_at = election.rules_set_at or election.now
    election.save(update_fields=[*rules, "rules_set_at", "updated_at"])


def _refuse_too_late(conference: Conference) -> None:
    closes = conference.election.closes_at
    if conference.election.rules_set_at is None and closes and closes <= conference.now:
        raise ValidationError(
            _("The voting times have passed without a vote. Set new times in the conference first."),
            code="voting_over",
        )


def refuse_laxer_rules(*, conference: Conference, rules: dict[str, Any]) -> None:
    """Raises ValidationError if voting has opened and these rules are less strict than its own."""
    if _is_before_opening(conference):
        return
    refusals = {rule.field: rule.refusal_to_change(conference, rules[rule.field]) for rule in RULES}
    if any(refusals.values()):
        raise ValidationError({name: refusal for name, refusal in refusals.items() if refusal})


def _is_before_opening(conference: Conference) -> bool:
    return conference.election.state() in (VotingState.UNSCHEDULED, VotingState.SCHEDULED)
