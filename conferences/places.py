"""Which time zone a conference's city and country lie in: data, and one question."""

from functools import cache

from accounts.search import folded

COUNTRIES = {
    "Albania": "Europe/Tirane",
    "Algeria": "Africa/Algiers",
    "Argentina": "America/Argentina/Buenos_Aires",
    "Armenia": "Asia/Yerevan",
    "Austria": "Europe/Vienna",
    "Azerbaijan": "Asia/Baku",
    "Bangladesh": "Asia/Dhaka",
    "Belarus": "Europe/Minsk",
    "Belgium": "Europe/Brussels",
    "Bolivia": "America/La_Paz",
    "Bosnia and Herzegovina": "Europe/Sarajevo",
    "Bulgaria": "Europe/Sofia",
    "Cameroon": "Africa/Douala",
    "Chile": "America/Santiago",
    "China": "Asia/Shanghai",
    "Colombia": "America/Bogota",
    "Costa Rica": "America/Costa_Rica",
    "Croatia": "Europe/Zagreb",
    "Cuba": "America/Havana",
    "Cyprus": "Asia/Nicosia",
    "Czech Republic": "Europe/Prague",
    "Czechia": "Europe/Prague",
    "Denmark": "Europe/Copenhagen",
    "Dominican Republic": "America/Santo_Domingo",
    "Ecuador": "America/Guayaquil",
    "Egypt": "Africa/Cairo",
    "England": "Europe/London",
    "Estonia": "Europe/Tallinn",
    "Ethiopia": "Africa/Addis_Ababa",
    "Finland": "Europe/Helsinki",
    "France": "Europe/Paris",
    "Georgia": "Asia/Tbilisi",
    "Germany": "Europe/Berlin",
    "Ghana": "Africa/Accra",
    "Greece": "Europe/Athens",
    "Guatemala": "America/Guatemala",
    "Hong Kong": "Asia/Hong_Kong",
    "Hungary": "Europe/Budapest",
    "Iceland": "Atlantic/Reykjavik",
    "India": "Asia/Kolkata",
    "Iran": "Asia/Tehran",
    "Iraq": "Asia/Baghdad",
    "Ireland": "Europe/Dublin",
    "Israel": "Asia/Jerusalem",
    "Italy": "Europe/Rome",
    "Jamaica": "America/Jamaica",
    "Japan": "Asia/Tokyo",
    "Jordan": "Asia/Amman",
    "Kazakhstan": "Asia/Almaty",
    "Kenya": "Africa/Nairobi",
    "Kosovo": "Europe/Belgrade",
    "Kuwait": "Asia/Kuwait",
    "Latvia": "Europe/Riga",
    "Lebanon": "Asia/Beirut",
    "Lithuania": "Europe/Vilnius",
    "Luxembourg": "Europe/Luxembourg",
    "Malaysia": "Asia/Kuala_Lumpur",
    "Malta": "Europe/Malta",
    "Moldova": "Europe/Chisinau",
    "Monaco": "Europe/Monaco",
    "Montenegro": "Europe/Podgorica",
    "Morocco": "Africa/Casablanca",
    "Nepal": "Asia/Kathmandu",
    "Netherlands": "Europe/Amsterdam",
    "New Zealand": "Pacific/Auckland",
    "Nigeria": "Africa/Lagos",
    "North Macedonia": "Europe/Skopje",
    "Norway": "Europe/Oslo",
    "Pakistan": "Asia/Karachi",
    "Panama": "America/Panama",
    "Paraguay": "America/Asuncion",
    "Peru": "America/Lima",
    "Philippines": "Asia/Manila",
    "Poland": "Europe/Warsaw",
    "Portugal": "Europe/Lisbon",
    "Qatar": "Asia/Qatar",
    "Romania": "Europe/Bucharest",
    "Rwanda": "Africa/Kigali",
    "Saudi Arabia": "Asia/Riyadh",
    "Scotland": "Europe/London",
    "Senegal": "Africa/Dakar",
    "Serbia": "Europe/Belgrade",
    "Singapore": "Asia/Singapore",
    "Slovakia": "Europe/Bratislava",
    "Slovenia": "Europe/Ljubljana",
    "South Africa": "Africa/Johannesburg",
    "South Korea": "Asia/Seoul",
    "Spain": "Europe/Madrid",
    "Sri Lanka": "Asia/Colombo",
    "Sweden": "Europe/Stockholm",
    "Switzerland": "Europe/Zurich",
    "Taiwan": "Asia/Taipei",
    "Tanzania": "Africa/Dar_es_Salaam",
    "Thailand": "Asia/Bangkok",
    "Tunisia": "Africa/Tunis",
    "Turkey": "Europe/Istanbul",
    "Türkiye": "Europe/Istanbul",
    "U.K.": "Europe/London",
    "UK": "Europe/London",
    "Uganda": "Africa/Kampala",
    "Ukraine": "Europe/Kyiv",
    "United Arab Emirates": "Asia/Dubai",
    "United Kingdom": "Europe/London",
    "Uruguay": "America/Montevideo",
    "Uzbekistan": "Asia/Tashkent",
    "Vietnam": "Asia/Ho_Chi_Minh",
    "Wales": "Europe/London",
    "Zambia": "Africa/Lusaka",
    "Zimbabwe": "Africa/Harare",
}

UNITED_STATES = frozenset({"U.S.A.", "USA", "U.S.", "US", "United States", "United States of America"})

_EASTERN = "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV"
_CENTRAL = "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI"
_MOUNTAIN = "CO ID MT NM UT WY"
_PACIFIC = "CA NV OR WA"
# States with two zones stand under the one in which most of their people live.
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

# Cities of countries with several zones, as "City, Country".
CITIES = {
    "Adelaide, Australia": "Australia/Adelaide",
    "Brisbane, Australia": "Australia/Brisbane",
    "Cairns, Australia": "Australia/Brisbane",
    "Canberra, Australia": "Australia/Sydney",
    "Darwin, Australia": "Australia/Darwin",
    "Gold Coast, Australia": "Australia/Brisbane",
    "Hobart, Australia": "Australia/Hobart",
    "Melbourne, Australia": "Australia/Melbourne",
    "Newcastle, Australia": "Australia/Sydney",
    "Perth, Australia": "Australia/Perth",
    "Sidney, Australia": "Australia/Sydney",
    "Sydney, Australia": "Australia/Sydney",
    "Belo Horizonte, Brazil": "America/Sao_Paulo",
    "Brasília, Brazil": "America/Sao_Paulo",
    "Curitiba, Brazil": "America/Sao_Paulo",
    "Florianópolis, Brazil": "America/Sao_Paulo",
    "Fortaleza, Brazil": "America/Fortaleza",
    "Manaus, Brazil": "America/Manaus",
    "Porto Alegre, Brazil": "America/Sao_Paulo",
    "Recife, Brazil": "America/Recife",
    "Rio de Janeiro, Brazil": "America/Sao_Paulo",
    "Salvador, Brazil": "America/Bahia",
    "São Paulo, Brazil": "America/Sao_Paulo",
    "Calgary, Canada": "America/Edmonton",
    "Edmonton, Canada": "America/Edmonton",
    "Halifax, Canada": "America/Halifax",
    "Montreal, Canada": "America/Toronto",
    "Montréal, Canada": "America/Toronto",
    "Ottawa, Canada": "America/Toronto",
    "Quebec City, Canada": "America/Toronto",
    "Regina, Canada": "America/Regina",
    "St. John's, Canada": "America/St_Johns",
    "Toronto, Canada": "America/Toronto",
    "Vancouver, Canada": "America/Vancouver",
    "Victoria, Canada": "America/Vancouver",
    "Waterloo, Canada": "America/Toronto",
    "Winnipeg, Canada": "America/Winnipeg",
    "Bali, Indonesia": "Asia/Makassar",
    "Bandung, Indonesia": "Asia/Jakarta",
    "Jakarta, Indonesia": "Asia/Jakarta",
    "Cancún, Mexico": "America/Cancun",
    "Guadalajara, Mexico": "America/Mexico_City",
    "Mexico City, Mexico": "America/Mexico_City",
    "Monterrey, Mexico": "America/Monterrey",
    "Tijuana, Mexico": "America/Tijuana",
    "Ulaanbaatar, Mongolia": "Asia/Ulaanbaatar",
    "Kazan, Russia": "Europe/Moscow",
    "Moscow, Russia": "Europe/Moscow",
    "Novosibirsk, Russia": "Asia/Novosibirsk",
    "Saint Petersburg, Russia": "Europe/Moscow",
    "Las Palmas, Spain": "Atlantic/Canary",
    "Tenerife, Spain": "Atlantic/Canary",
    "Ponta Delgada, Portugal": "Atlantic/Azores",
}


def time_zone_of(city: str, country: str) -> str:
    """The zone's name, however the place is cased and accented; empty where the place does not settle it."""
    if _plain(country) in map(_plain, UNITED_STATES):
        return STATES.get(city.rpartition(",")[2].strip().upper(), "")
    cities, countries = _by_plain_name()
    return cities.get(_plain(f"{city}, {country}")) or countries.get(_plain(country), "")


@cache
def _by_plain_name() -> tuple[dict[str, str], dict[str, str]]:
    return {_plain(name): zone for name, zone in CITIES.items()}, {
        _plain(name): zone for name, zone in COUNTRIES.items()
    }


def _plain(name: str) -> str:
    return " ".join("".join(map(folded, name)).removeprefix("the ").split())


def place_name(city: str, country: str, *, online: bool) -> str:
    """City and country as people read them; “Online” where there is no place."""
    return ", ".join(part for part in (city, country) if part) or ("Online" if online else "")
