"""Who may vote, as conditions on memberships."""

from django.db.models import F, Q

from confbox.kit.clock import DatabaseNow

# Members who may vote under their conference's rules, or could until voting closed, apart from email
# address and time. Joining or leaving after voting closed does not change the turnout.
OPENS, CLOSES = F("conference__election__opens_at"), F("conference__election__closes_at")
JOINED_IN_TIME = (
    Q(conference__election__late_joiners="may_vote")
    | Q(conference__election__opens_at=None)
    | Q(joined_at__lte=OPENS)
)
ON_ROSTER = Q(roster_entry__isnull=False, roster_entry__removed_at=None)
BEFORE_FREEZING = Q(conference__election__roll_frozen_at=None) & (
    Q(conference__election__who_votes="members") & JOINED_IN_TIME
    | Q(conference__election__who_votes="roster") & ON_ROSTER
)
IN_TIME = Q(conference__election__closes_at=None) | Q(joined_at__lt=CLOSES)
HAS_ENTRY = Q(roll_entry__isnull=False)
# Once voting has opened, the electoral roll alone says who may vote.
ON_ROLL = BEFORE_FREEZING | HAS_ENTRY & Q(roll_entry__removed_at=None)
ENTITLED = (
    Q(user__is_active=True, excluded_at=None) & (Q(left_at=None) | Q(left_at__gte=CLOSES)) & IN_TIME & ON_ROLL
)
# While voting is open, members who left or were excluded since it opened still count, like their votes: no
# figure changes immediately, and turnout stays below 100 %.
IS_RUNNING = Q(conference__election__decided_at=None, conference__election__closes_at__gt=DatabaseNow())
LEFT_MEANWHILE = Q(left_at__gte=OPENS, left_at__gt=F("joined_at"))
SHOWN_AS_ENTITLED = (
    (Q(user__is_active=True) | IS_RUNNING & LEFT_MEANWHILE)
    & (Q(excluded_at=None) | IS_RUNNING & Q(excluded_at__gte=OPENS))
    & (Q(left_at=None) | Q(left_at__gte=CLOSES) | IS_RUNNING & LEFT_MEANWHILE)
    & IN_TIME
    & (ON_ROLL | HAS_ENTRY & IS_RUNNING)
)
