"""Answers of the API that are kept for a day, so that a request sent twice is done once."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def old(self) -> "KeptAnswerQuerySet":
        return self.filter(made_at__lt=timezone.now() - KEPT)


class KeptAnswer(models.Model):
    """Key and request are keyed digests, and the answer is encrypted: either could show how someone voted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Of the token or person and the key that it sent.
    key = models.CharField(max_length=64, unique=True)
    request = models.CharField(max_length=64)
    answer = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
