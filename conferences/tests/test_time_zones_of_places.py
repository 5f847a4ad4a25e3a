"""The time zones in which a place can be, as people write it."""

import pytest

from confbox.kit.time_zones import zone_choices, zones_of_place

ONE = {
    "Berlin": "Europe/Berlin",
    "Lyon, France": "Europe/Paris",
    "Berlin, DE": "Europe/Berlin",
    "München, Deutschland": "Europe/Berlin",
    "Chicago, USA": "America/Chicago",
    "Portland, OR": "America/Los_Angeles",
    "Paris, TX": "America/Chicago",
    "Perth, Australia": "Australia/Perth",
}


@pytest.mark.parametrize(("place", "zone"), ONE.items())
def test_place_in_one_zone(place, zone):
    assert zones_of_place(place) == [zone]


@pytest.mark.parametrize("place", ["Australia", "Springfield, USA", "London, Canada"])
def test_place_where_clocks_differ_has_the_zones_of_its_country(place):
    assert len(zones_of_place(place)) > 3


def test_code_of_a_state_and_of_a_country_leads_to_both():
    assert zones_of_place("Hamburg, DE") == ["America/New_York", "Europe/Berlin"]


@pytest.mark.parametrize("place", ["Online", "", ",", "Atlantis"])
def test_unknown_place_has_none(place):
    assert zones_of_place(place) == []


def test_every_form_names_a_time_zone_as_people_read_it():
    assert ("America/New_York", "America/New York") in zone_choices()
