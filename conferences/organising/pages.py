"""What every page of one conference in the admin has: its title, tabs and the way back."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from confbox.kit.url_converters import is_row_number
from conferences.models import Conference
from conferences.namesakes import full_title, with_namesakes
from conferences.organising.tabs import tabs_of


def shared_context(request: HttpRequest, conference: Conference, tab: str) -> dict[str, Any]:
    return admin.site.each_context(request) | tab_context(request, conference, tab)


def tab_context(request: HttpRequest, conference: Conference, tab: str) -> dict[str, Any]:
    return {
        "opts": Conference._meta,
        "title": full_title(conference),
        "conference": conference,
        "tabs": tabs_of(request, conference, tab),
    }


OF_ONE_CONFERENCE = "conference__id__exact"


def columns_of(request: HttpRequest, columns: Sequence[Any]) -> list[Any]:
    """Those of a list of the admin: without the conference if all rows are of one."""
    return [each for each in columns if each != "conference" or not request.GET.get(OF_ONE_CONFERENCE)]


def list_context(request: HttpRequest, tab: str, column: str = OF_ONE_CONFERENCE) -> dict[str, Any]:
    """For a list of the admin: if it shows the rows of one conference, it is a page of that conference."""
    pk = request.GET.get(column, "")
    if not is_row_number(pk):
        return {}
    conference = with_namesakes(Conference.objects.managed_by(request.user)).filter(pk=pk).first()
    if conference is None:
        return {}
    found = tab_context(request, conference, tab)
    del found["opts"]
    return found
