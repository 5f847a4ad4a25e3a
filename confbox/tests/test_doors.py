"""Pages find conferences by `visible_to` and `listed_for` alone, and those of organisers by `managed_by`."""

import ast

import pytest

from confbox.tests.offenders import offenders
from confbox.tests.test_architecture import modules, parse

DOORS = {"visible_to", "listed_for", "offered_by_roster", "joined_by", "managed_by", "rehearsals"}
# What is not shown to people outside of the admin, or is the person's own.
ELSEWHERE = {
    "admin": "organisers' pages",
    "membership_admin": "organisers' pages",
    "desk": "organisers' pages",
    "roster": "organisers' pages",
    "importing": "organisers' pages",
    "copying": "organisers' pages",
    "merging": "organisers' pages",
    "overview": "organisers' pages",
    "management": "the command line",
    "migrations": "the database",
    "demo": "the command line",
    "drills": "the command line",
    "tests": "tests",
    "my_data": "the person's own data",
    "scopes": "the question which conference a row belongs to, asked for permissions",
    "namesakes": "whether conferences that the caller has found have others of their title",
    "contact": "the contact of a conference that the caller has found",
    "actions": "verbs, for which the view found the conference",
    "tasks": "work in the background, for a conference that its caller found",
    "counting": "work in the background, for a conference that its caller found",
}
OUTERMOST = (ast.Attribute, ast.Call)


def is_for_pages(path):
    return {*path.with_suffix("").parts}.isdisjoint(ELSEWHERE)


def lookups(tree):
    """The names of the methods that are called in each chain which begins with `Conference.objects`."""
    inner = {id(node.func if isinstance(node, ast.Call) else node.value) for node in chains(tree)}
    for node in chains(tree):
        if id(node) not in inner and (names := names_of(node))[-2:] == ["objects", "Conference"]:
            yield names[:-2]


def chains(tree):
    return [node for node in ast.walk(tree) if isinstance(node, OUTERMOST)]


def names_of(node):
    names = []
    while isinstance(node, OUTERMOST):
        names += [node.attr] if isinstance(node, ast.Attribute) else []
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return [*names, node.id] if isinstance(node, ast.Name) else names


def without_a_door(path):
    return [names for names in lookups(parse(path)) if DOORS.isdisjoint(names)]


def test_every_lookup_of_a_page_goes_through_a_door():
    assert offenders(without_a_door, filter(is_for_pages, modules())) == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("get(Conference.objects.filter(slug=s).first())", [["first", "filter"]]),
        ("Conference.objects.as_of_now().visible_to(user)", [["visible_to", "as_of_now"]]),
        ("Membership.objects.filter(pk=1)", []),
    ],
)
def test_lookups_are_found(source, found):
    assert list(lookups(ast.parse(source))) == found
