"""How far a campaign's sending is: counts, never addresses."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from voting.campaigns.models import Campaign, Delivery

Status = Delivery.Status
RATE_OVER = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    total: int
    sent: int
    failed: int
    uncertain: int
    skipped: int
    per_minute: int

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


def progress_of(campaign: Campaign) -> Progress:
    rows = Delivery.objects.filter(campaign=campaign)
    counts = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    return Progress(
        total=sum(counts.values()),
        sent=counts.get(Status.SENT, 0),
        failed=counts.get(Status.FAILED, 0),
        uncertain=counts.get(Status.UNCERTAIN, 0),
        skipped=counts.get(Status.SKIPPED, 0),
        per_minute=_rate(campaign) if campaign.status == Campaign.Status.SENDING else 0,
    )


def _rate(campaign: Campaign) -> int:
    """Mails a minute over the last minute, or since the start when that is less."""
    now = timezone.now()
    since = max(now - RATE_OVER, campaign.started_at or now)
    sent = Delivery.objects.filter(campaign=campaign, status=Status.SENT, sent_at__gte=since).count()
    return round(sent * 60 / max((now - since).total_seconds(), 1))
