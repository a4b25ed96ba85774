"""The program that is frozen: opens a feed process, hears records, kills it, hears records again; says so as JSON."""

import json
import os
import sys
import time
from multiprocessing import freeze_support

from ticking_feed import tick

from workstation.domain.playback import FeedUp, PracticeMarket
from workstation.market.records import Kind
from workstation.runtime.feed_process import FeedProcess

RECORDS = 1000
PATIENCE_S = 30.0


def main() -> int:
    """Print what was seen. Raises TimeoutError where it was not."""
    feed = FeedProcess(tick)
    feed.start(PracticeMarket())
    seen = [listen(feed)]
    for _ in range(2):
        os.kill(feed.pid or 0, 9)  # by its number: Windows has no name for it, and ends the process too
        seen.append(listen(feed))
    feed.close()
    frozen = bool(getattr(sys, "frozen", False))
    summary = {"frozen": frozen, "pid": os.getpid(), "restarts": feed.restarts, "lost": feed.lost, "runs": seen}
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


def listen(feed: FeedProcess) -> dict[str, object]:
    """Wait for a process to come up, and its records; when they came, in milliseconds after the call."""
    run: dict[str, object] = {}
    count, began = 0, time.monotonic()
    while count < RECORDS:
        passed = time.monotonic() - began
        if passed > PATIENCE_S:
            raise TimeoutError(f"after {PATIENCE_S} s: {run}, {count} records")
        batches, said = feed.poll()
        if ups := [message for message in said if isinstance(message, FeedUp)]:
            run |= {"pid": ups[-1].pid, "up_ms": round(1000 * passed)}
        for batch in batches if run else []:
            if count == 0:
                run |= {"first_is_reset": int(batch.records["kind"][0]) == Kind.RESET, "name": batch.names[0][1]}
            count += len(batch.records)
        time.sleep(0.005)
    return run | {"records": count, "heard_ms": round(1000 * (time.monotonic() - began))}


if __name__ == "__main__":
    freeze_support()
    sys.exit(main())
