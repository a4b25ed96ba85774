"""The practice market: a round of ten seconds, an hour as a stream, and the history that a window opens with."""

from harness import Row, Target, measure, report

from workstation.feeds.practice import HISTORY_H, HOUR_MS, START_MS, PracticeTape
from workstation.feeds.practice_market import ROUND_MS, Market

SEED = 7
FASTEST = 3_600  # seconds of the market in one of ours


def main() -> None:
    origin_ms = START_MS - HISTORY_H * HOUR_MS
    market = Market(SEED, origin_ms, START_MS)

    def minute() -> None:
        for _ in range(60_000 // ROUND_MS):
            market.step()

    def history() -> None:
        for _ in PracticeTape(SEED).rewind(START_MS):
            pass

    tape = PracticeTape(SEED)
    for _ in tape.rewind(START_MS):
        pass
    moment = START_MS
    records = 0
    hours = 0

    def hour() -> None:
        nonlocal moment, records, hours
        moment += HOUR_MS
        hours += 1
        records += sum(len(piece) for piece in tape.until(moment))

    def step_back() -> None:
        for _ in tape.rewind(moment - HOUR_MS // 2):
            pass

    a_round = measure(minute).times(ROUND_MS / 60_000)
    opening = measure(history, most_seconds=12)
    streamed = measure(hour, most_seconds=12)
    back = measure(step_back)
    rows = [
        Row("an hour as records", streamed, f"{records / hours:,.0f} records", is_ours=True),
        Row("a round of ten seconds, eight contracts", a_round, "without records"),
        Row("a new tape and its twelve hours of history", opening, "what opening the practice market takes"),
        Row("set back by half an hour", back, "from the nearest snapshot"),
    ]
    report(
        "Practice market",
        rows,
        [
            Target(f"an hour at {FASTEST} times", 3_600_000 / FASTEST, streamed, "the fastest speed there is"),
            Target("history before the window shows it", 2_000, opening, "ours"),
        ],
    )


if __name__ == "__main__":
    main()
