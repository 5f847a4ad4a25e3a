"""The time zone of a conference's city and country, from tzdata's tables and some of our own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from confbox.kit.search import folded
from confbox.kit.validators import time_zones

# What tzdata lacks: other names of countries,
OTHER_NAMES = {
    "AT": ["Österreich"],
    "BA": ["Bosnia and Herzegovina"],
    "CH": ["Schweiz", "Suisse", "Svizzera"],
    "CI": ["Ivory Coast"],
    "CZ": ["Czechia"],
    "GB": [
        "UK",
        "U.K.",
        "United Kingdom",
        "Great Britain",
        "England",
        "Northern Ireland",
        "Scotland",
        "Wales",
    ],
    "KR": ["South Korea"],
    "MM": ["Myanmar"],
    "TR": ["Türkiye"],
    "TT": ["Trinidad and Tobago"],
}
# and the zone of a country with several, where nearly everyone lives in one, or that it does not list.
MAIN_ZONES = {
    "Argentina": "America/Argentina/Buenos_Aires",
    "Chile": "America/Santiago",
    "China": "Asia/Shanghai",
    "Cyprus": "Asia/Nicosia",
    "Ecuador": "America/Guayaquil",
    "Germany": "Europe/Berlin",
    "Deutschland": "Europe/Berlin",
    "Kazakhstan": "Asia/Almaty",
    "Kosovo": "Europe/Belgrade",
    "Malaysia": "Asia/Kuala_Lumpur",
    "New Zealand": "Pacific/Auckland",
    "Portugal": "Europe/Lisbon",
    "Spain": "Europe/Madrid",
    "España": "Europe/Madrid",
    "Ukraine": "Europe/Kyiv",
    "Uzbekistan": "Asia/Tashkent",
}

UNITED_STATES = frozenset({"U.S.A.", "USA", "U.S.", "US", "United States", "United States of America"})

_EASTERN = "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV"
_CENTRAL = "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI"
_MOUNTAIN = "CO ID MT NM UT WY"
_PACIFIC = "CA NV OR WA"
# States with two zones are listed under the one in which most of their people live.
STATES = {
    **dict.fromkeys(_EASTERN.split(), "America/New_York"),
    **dict.fromkeys(_CENTRAL.split(), "America/Chicago"),
    **dict.fromkeys(_MOUNTAIN.split(), "America/Denver"),
    **dict.fromkeys(_PACIFIC.split(), "America/Los_Angeles"),
    "AK": "America/Anchorage",
    "AZ": "America/Phoenix",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
}

# Cities of countries with several zones, as "City, Country"; cities that a zone is named after are in
# tzdata.
CITIES = {
    "Cairns, Australia": "Australia/Brisbane",
    "Canberra, Australia": "Australia/Sydney",
    "Gold Coast, Australia": "Australia/Brisbane",
    "Newcastle, Australia": "Australia/Sydney",
    "Sidney, Australia": "Australia/Sydney",
    "Belo Horizonte, Brazil": "America/Sao_Paulo",
    "Brasília, Brazil": "America/Sao_Paulo",
    "Curitiba, Brazil": "America/Sao_Paulo",
    "Florianópolis, Brazil": "America/Sao_Paulo",
    "Porto Alegre, Brazil": "America/Sao_Paulo",
    "Rio de Janeiro, Brazil": "America/Sao_Paulo",
    "Salvador, Brazil": "America/Bahia",
    "São Paulo, Brazil": "America/Sao_Paulo",
    "Calgary, Canada": "America/Edmonton",
    "Montreal, Canada": "America/Toronto",
    "Montréal, Canada": "America/Toronto",
    "Ottawa, Canada": "America/Toronto",
    "Quebec City, Canada": "America/Toronto",
    "St. John's, Canada": "America/St_Johns",
    "Victoria, Canada": "America/Vancouver",
    "Waterloo, Canada": "America/Toronto",
    "Bali, Indonesia": "Asia/Makassar",
    "Bandung, Indonesia": "Asia/Jakarta",
    "Cancún, Mexico": "America/Cancun",
    "Guadalajara, Mexico": "America/Mexico_City",
    "Kazan, Russia": "Europe/Moscow",
    "Saint Petersburg, Russia": "Europe/Moscow",
    "Las Palmas, Spain": "Atlantic/Canary",
    "Tenerife, Spain": "Atlantic/Canary",
    "Ponta Delgada, Portugal": "Atlantic/Azores",
}


def zone_choices() -> list[tuple[str, str]]:
    """All time zones, as people read them."""
    return named(sorted(time_zones()))


def named(zones: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zones]


def time_zone_of(city: str, country: str) -> str:
    """The name of the zone, ignoring case and accents; empty if the place is ambiguous."""
    if _plain(country) in map(_plain, UNITED_STATES):
        return STATES.get(city.rpartition(",")[2].strip().upper(), "")
    cities, countries = _by_plain_name()
    return cities.get(_plain(f"{city}, {country}")) or countries.get(_plain(country), "")


def zones_of_place(place: str) -> list[str]:
    """The zones in which a place can be, as people write it: “Lyon, France”; empty if it is unknown."""
    before, _comma, after = place.rpartition(",")
    city, country = before.strip(), after.strip()
    if city and (known := time_zone_of(city, country)):
        return [known]
    cities, _countries = _by_plain_name()
    found, start = _zones_in(country), f"{_plain(city or country)}, "
    same_city = sorted({zone for name, zone in cities.items() if name.startswith(start)})
    if not found:
        return same_city
    inside = [zone for zone in same_city if zone in found] if city else []
    return inside if len(inside) == 1 else found


def _zones_in(country: str) -> list[str]:
    """Those of a country, by its name or code, or of one of the United States, by its letters."""
    _cities, countries = _by_plain_name()
    if main := countries.get(_plain(country)):
        return [main]
    letters, zones = country.upper(), _zones_by_country()
    if _plain(country) in map(_plain, UNITED_STATES):
        return zones["US"]
    names = dict(_rows("iso3166.tab"))
    codes = [code for code, name in names.items() if _plain(country) in map(_plain, _names_of(code, name))]
    codes += [letters] if letters in names else []
    found = [zone for code in codes for zone in [countries.get(_plain(names[code]))] if zone]
    found = found or [zone for code in codes for zone in zones[code]]
    return [*([STATES[letters]] if letters in STATES else []), *found]


def _names_of(code: str, name: str) -> list[str]:
    return [name, *OTHER_NAMES.get(code, [])]


@cache
def _by_plain_name() -> tuple[dict[str, str], dict[str, str]]:
    """The zones of cities and countries; our own tables come last, because they are more specific."""
    cities: dict[str, str] = {}
    countries: dict[str, str] = {}
    country_names = dict(_rows("iso3166.tab"))
    for code, zones in _zones_by_country().items():
        cities |= {
            f"{zone.rpartition('/')[2].replace('_', ' ')}, {country_names[code]}": zone for zone in zones
        }
        if len(zones) == 1:
            countries |= dict.fromkeys([country_names[code], *OTHER_NAMES.get(code, [])], zones[0])
    return _with_plain_names(cities | CITIES), _with_plain_names(countries | MAIN_ZONES)


def _zones_by_country() -> dict[str, list[str]]:
    zones: dict[str, list[str]] = defaultdict(list)
    for code, _coordinates, zone, *_comment in _rows("zone.tab"):
        zones[code].append(zone)
    return zones


def _rows(table: str) -> Iterator[list[str]]:
    for line in files("tzdata.zoneinfo").joinpath(table).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _with_plain_names(zones: dict[str, str]) -> dict[str, str]:
    return {_plain(name): zone for name, zone in zones.items()}


def _plain(name: str) -> str:
    return " ".join("".join(map(folded, name)).removeprefix("the ").split())
