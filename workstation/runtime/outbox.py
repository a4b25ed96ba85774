"""What the trader steered and the feed process has not heard yet, and where the clock stood: for a restart to go on."""

from collections import deque

from msgspec.structs import replace

from workstation.domain.playback import Pause, Playback, Resume, Seek, SetSpeed, Steering, Step

MOST_ON_THE_WAY = 32  # so many always fit into a pipe whose other end does not listen, and sending never waits


class Outbox:
    """Steering in the order of the trader; each stays here until a feed process says that it has heard it.

    >>> outbox = Outbox()
    >>> outbox.stood(Playback(at_ms=7, speed=60, paused=True))
    >>> outbox.begin_anew()
    >>> outbox.take(), outbox.take(), outbox.take(), outbox.take()
    (Seek(to_ms=7), SetSpeed(speed=60), Pause(), None)
    """

    def __init__(self) -> None:
        """Nothing to say, and no clock known."""
        self._playback: Playback | None = None
        self._unheard: deque[Steering] = deque()
        self._resuming = 0  # the first of them that put a new process where the last one was
        self._on_the_way = 0

    def add(self, steering: Steering) -> None:
        """The trader wants this."""
        self._unheard.append(steering)

    def stood(self, playback: Playback) -> None:
        """The feed process said where its clock is; not yet of interest while it has not heard where to go on."""
        if not self._resuming:
            self._playback = playback

    def begin_anew(self) -> None:
        """A new feed process is there: first it goes where the last one was, then it hears what that one had not."""
        for _ in range(self._resuming):
            self._unheard.popleft()
        resume: list[Steering] = []
        if (last := self._playback) is not None:
            resume = [Seek(last.at_ms), SetSpeed(last.speed), Pause() if last.paused else Resume()]
        self._unheard.extendleft(reversed(resume))
        self._resuming = len(resume)
        self._on_the_way = 0

    def take(self) -> Steering | None:
        """What to send next; None where nothing is left or enough is on its way."""
        if self._on_the_way == min(len(self._unheard), MOST_ON_THE_WAY):
            return None
        self._on_the_way += 1
        return self._unheard[self._on_the_way - 1]

    def heard(self, count: int) -> None:
        """The feed process has heard the next `count`; what it says of its clock from now on has them in it."""
        for _ in range(count):
            steering = self._unheard.popleft()
            self._on_the_way -= 1
            if self._resuming:
                self._resuming -= 1
            elif self._playback is not None:
                self._playback = _steered(self._playback, steering)


def _steered(playback: Playback, steering: Steering) -> Playback:
    match steering:
        case Pause():
            return replace(playback, paused=True)
        case Resume():
            return replace(playback, paused=False)
        case Step():
            return replace(playback, at_ms=playback.at_ms + steering.by_ms)
        case Seek():
            return replace(playback, at_ms=steering.to_ms)
        case SetSpeed():
            return replace(playback, speed=steering.speed)
