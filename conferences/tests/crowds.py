"""Conferences with very many members, stored with few queries."""

from accounts.models import User
from conferences.models import Membership


def make_crowd(conference, number, *, name="Person {n}"):
    """So many members, whose accounts have no confirmed address and no password."""
    start = User.objects.count()
    people = [
        User(email=f"crowd{n}@example.org", name=name.format(n=f"{n:05}"), password="!")
        for n in range(start, start + number)
    ]
    User.objects.bulk_create(people, batch_size=1000)
    found = User.objects.filter(email__in=[person.email for person in people])
    rows = [Membership(conference=conference, user=user) for user in found]
    Membership.objects.bulk_create(rows, batch_size=1000)
