"""Progress of a campaign's sending: counts, never email addresses."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery

Status = Delivery.Status
RATE_OVER = timedelta(seconds=60)


FEWEST_FAILURES = 5


@dataclass(frozen=True)
class SecretProgress:
    """No counts that would reveal how many have not voted, or who."""

    sentence: str
    failed: str
    uncertain: str
    code: str
    is_secret: ClassVar = True


@dataclass(frozen=True)
class Progress:
    total: int
    sent: int
    failed: int
    uncertain: int
    skipped: int
    per_minute: int
    is_secret: ClassVar = False

    @property
    def done(self) -> int:
        return self.sent + self.failed + self.uncertain + self.skipped

    @property
    def waiting(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 100

    @property
    def minutes_left(self) -> int | None:
        return -(-self.waiting // self.per_minute) if self.per_minute else None


def progress_of(campaign: Campaign) -> Progress | SecretProgress:
    rows = Delivery.objects.filter(campaign=campaign)
    counts = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    if audience := kind_of(campaign).secret_audience:
        failed, uncertain = (_roughly(counts.get(status, 0)) for status in (Status.FAILED, Status.UNCERTAIN))
        return SecretProgress(str(audience.progress), failed, uncertain, _code(campaign.trouble))
    return Progress(
        total=sum(counts.values()),
        sent=counts.get(Status.SENT, 0),
        failed=counts.get(Status.FAILED, 0),
        uncertain=counts.get(Status.UNCERTAIN, 0),
        skipped=counts.get(Status.SKIPPED, 0),
        per_minute=_rate(campaign) if campaign.status == Campaign.Status.SENDING else 0,
    )


def _roughly(number: int) -> str:
    """Empty for none; fewer than five are not counted."""
    if not number:
        return ""
    return str(number) if number >= FEWEST_FAILURES else _("a few")


def _code(trouble: str) -> str:
    """The codes at the start of a mail server's reply; its words may contain an email address."""
    found = re.match(r"\d{3}(?: \d\.\d{1,3}\.\d{1,3})?", trouble)
    return found[0] if found else ""


def _rate(campaign: Campaign) -> int:
    """Emails a minute over the last minute, or since the start if that is less."""
    now = timezone.now()
    since = max(now - RATE_OVER, campaign.started_at or now)
    sent = Delivery.objects.filter(campaign=campaign, status=Status.SENT, sent_at__gte=since).count()
    return round(sent * 60 / max((now - since).total_seconds(), 1))
