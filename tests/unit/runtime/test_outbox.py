"""Steering reaches the feed process once and in order, and a restarted one goes on where the last one stood."""

from workstation.domain.playback import Pause, Playback, Resume, Seek, SetSpeed, Steering, Step
from workstation.runtime.outbox import MOST_ON_THE_WAY, Outbox


def taken(outbox: Outbox) -> list[Steering]:
    """Everything that is to be sent now."""
    found: list[Steering] = []
    while (steering := outbox.take()) is not None:
        found.append(steering)
    return found


def test_what_was_added_is_taken_once_and_in_order():
    outbox = Outbox()
    outbox.add(Pause())
    outbox.add(Seek(5))
    assert taken(outbox) == [Pause(), Seek(5)]
    assert taken(outbox) == []
    outbox.heard(1)
    outbox.add(Resume())
    assert taken(outbox) == [Resume()]


def test_no_more_is_on_its_way_than_a_pipe_takes_and_the_rest_follows():
    outbox = Outbox()
    every = [Seek(i) for i in range(MOST_ON_THE_WAY + 10)]
    for steering in every:
        outbox.add(steering)
    assert taken(outbox) == every[:MOST_ON_THE_WAY]
    outbox.heard(4)
    assert taken(outbox) == every[MOST_ON_THE_WAY : MOST_ON_THE_WAY + 4]
    outbox.heard(MOST_ON_THE_WAY)
    assert taken(outbox) == every[MOST_ON_THE_WAY + 4 :]


def test_the_first_process_of_a_market_is_told_nothing_of_its_own():
    outbox = Outbox()
    outbox.begin_anew()
    assert taken(outbox) == []


def test_a_new_process_goes_where_the_last_one_said_it_was():
    outbox = Outbox()
    outbox.stood(Playback(10, 60, paused=False))
    outbox.stood(Playback(20, 30, paused=True))
    outbox.begin_anew()
    assert taken(outbox) == [Seek(20), SetSpeed(30), Pause()]


def test_what_was_heard_and_not_yet_answered_is_not_forgotten():
    outbox = Outbox()
    outbox.stood(Playback(10, 60, paused=False))
    for steering in (Seek(100), Step(-5), SetSpeed(2), Pause()):
        outbox.add(steering)
    taken(outbox)
    outbox.heard(4)
    outbox.begin_anew()
    assert taken(outbox) == [Seek(95), SetSpeed(2), Pause()]
    outbox.heard(3)
    outbox.add(Resume())
    taken(outbox)
    outbox.heard(1)
    outbox.begin_anew()
    assert taken(outbox) == [Seek(95), SetSpeed(2), Resume()]


def test_what_was_sent_and_not_heard_is_sent_again_behind_the_place():
    outbox = Outbox()
    outbox.stood(Playback(10, 60, paused=False))
    outbox.add(Step(1))
    taken(outbox)
    outbox.begin_anew()
    outbox.add(Step(2))
    assert taken(outbox) == [Seek(10), SetSpeed(60), Resume(), Step(1), Step(2)]


def test_dying_before_it_heard_where_to_go_on_changes_nothing():
    outbox = Outbox()
    outbox.stood(Playback(10, 60, paused=True))
    for _ in range(3):
        outbox.begin_anew()
        assert taken(outbox) == [Seek(10), SetSpeed(60), Pause()]
        outbox.stood(Playback(0, 1, paused=False))  # its own beginning
        outbox.heard(1)
    outbox.heard(2)
    outbox.stood(Playback(11, 60, paused=True))
    outbox.begin_anew()
    assert taken(outbox) == [Seek(11), SetSpeed(60), Pause()]
