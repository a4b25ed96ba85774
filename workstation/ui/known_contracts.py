"""The contracts that the program's own rule data has of a venue, for names that are typed or pasted."""

from collections.abc import Mapping
from datetime import UTC, datetime

from workstation.domain.instrument import Instrument
from workstation.venues.rule_data import load


def known_contracts(venue: str) -> Mapping[str, Instrument]:
    """By unified symbol, as known today; none where there are no figures of the venue. Read once, then kept."""
    return load(venue, datetime.now(UTC).date()).instruments
