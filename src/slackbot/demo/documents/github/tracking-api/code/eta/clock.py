"""The only file that knows about time zones (TRK-214). Everything else is in UTC.

A delivery window is promised in the wall-clock time of the recipient, on the day of delivery. The
offset of the day on which we compute it must not leak into it.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ISLANDS = {"35": "Atlantic/Canary", "38": "Atlantic/Canary"}
COUNTRIES = {
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "HU": "Europe/Budapest",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
}


def zone_of(postcode: str) -> ZoneInfo:
    """Return the zone of a postcode such as `ES-35001`: the recipient's, never the depot's."""
    country, _, digits = postcode.partition("-")
    if country == "ES" and digits[:2] in ISLANDS:
        return ZoneInfo(ISLANDS[digits[:2]])
    return ZoneInfo(COUNTRIES[country])


def at_wall_clock(day: date, hour: int, postcode: str) -> datetime:
    """Return the instant at which clocks at a postcode show an hour of a day, in UTC."""
    local = datetime.combine(day, time(hour), zone_of(postcode))
    return local.astimezone(UTC)


def shown(instant: datetime, postcode: str) -> str:
    """Return an instant as the recipient reads it, such as `15:00`."""
    return instant.astimezone(zone_of(postcode)).strftime("%H:%M")
