"""A program that opens a feed process, says its number on standard output and polls until it is killed."""

import json
import sys
import time

from tests.kit import feeds
from workstation.domain.playback import FeedUp, Recording
from workstation.runtime.feed_process import FeedProcess


def main() -> None:
    """Open the feed whose name is the first argument, on the folder that is the second."""
    feed = FeedProcess(getattr(feeds, sys.argv[1]))
    feed.start(Recording(sys.argv[2]))
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, said = feed.poll()
        if any(isinstance(message, FeedUp) for message in said):
            sys.stdout.write(json.dumps({"feed": feed.pid}) + "\n")
            sys.stdout.flush()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
