"""What the feed process says where there is nothing to play."""

from pathlib import Path

from workstation.domain.events import Health
from workstation.domain.playback import FeedFault, Playback, Recording, Source, Steering
from workstation.feeds.program import run


class Ending:
    """A link that stops as soon as it was told something."""

    def __init__(self) -> None:
        self.said: list[Source | Playback | Health | FeedFault] = []

    @property
    def stopping(self) -> bool:
        return bool(self.said)

    def say(self, message: Source | Playback | Health | FeedFault) -> None:
        self.said.append(message)

    def heard(self) -> list[Steering]:
        return []


def test_a_recording_that_cannot_be_played_is_named_with_its_faults(tmp_path: Path):
    (tmp_path / "friday").mkdir()
    (tmp_path / "friday" / "manifest.json").write_text("{")
    link = Ending()
    run(link, Recording(str(tmp_path / "friday"), 60))  # type: ignore[arg-type]
    (fault,) = link.said
    assert isinstance(fault, FeedFault)
    heading, *places = fault.text.splitlines()
    assert heading == "friday was not opened."
    assert places[0].startswith("manifest.json: line 1")
    assert not fault.report
