"""A conference that was made twice, and its duplicate, which is merged into the one that stays."""

from django.test import Client

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.merging.actions import merge_conferences
from conferences.tests.factories import make_conference

ADDRESS = "open-conf-2"


def make_one_that_stays():
    return make_conference(title="Open Conf", slug="open-conf", voting="scheduled")


def make_duplicate():
    return make_conference(title="Open Conf 2", slug=ADDRESS, voting="scheduled")


def merge_duplicate(duplicate, stays, organiser):
    return merge_conferences(duplicate=duplicate, stays=stays, address=ADDRESS, by=Actor(organiser))


def page_of_merging(duplicate, stays, organiser):
    url = f"/admin/conferences/conference/{duplicate.pk}/merge/{stays.pk}/"
    return parse(log_in_freshly(Client(), organiser).get(url)).text
