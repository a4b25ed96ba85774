"""A frame of 50 symbols x 5 000 candles: making it after a tick, beside copying the columns and beside DataFrames."""

import numpy as np
import pandas as pd
from harness import Row, Target, measure, report

from workstation.desk.state import DeskState
from workstation.domain.events import Candle, Mark, Quote
from workstation.market.board import MarketBoard
from workstation.market.records import Batch, Kind, Records, blank, pack
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.core import Core

SYMBOLS, CANDLES, MINUTE, START = 50, 5_000, 60_000, 1_759_708_800_000
NAMES = tuple(("binance-usdm", f"COIN{i}/USDT:USDT") for i in range(SYMBOLS))
COLUMNS = ("open_ms", "open", "high", "low", "close", "volume_base")


def history() -> Records:
    """Every symbol's candles, minute by minute."""
    records = blank(SYMBOLS * CANDLES)
    records["kind"], records["flags"] = Kind.CANDLE, 1
    records["instrument"] = np.tile(np.arange(SYMBOLS), CANDLES)
    records["at_ms"] = START + np.repeat(np.arange(CANDLES), SYMBOLS) * MINUTE
    records["values"][:, :6] = (MINUTE, 100.0, 101.0, 99.0, 100.5, 10.0)
    return records


def ticks(turn: int) -> Batch:
    """What a busy 16 ms bring: a mark, a quote and a forming candle of every symbol."""
    numbers: dict[tuple[str, str], int] = {}
    at = START + CANDLES * MINUTE + turn
    price = 100 + turn % 7
    events = [
        event
        for venue, symbol in NAMES
        for event in (
            Mark(venue, symbol, at, price),
            Quote(venue, symbol, at, price - 0.1, price + 0.1),
            Candle(venue, symbol, MINUTE, START + CANDLES * MINUTE, 100, 110, 90, price, 1, closed=False),
        )
    ]
    return Batch(pack(events, numbers), tuple(numbers))


def no_risk(_market: MarketView, _desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
    """The market's part is measured here; the risk's is in bench_slider and bench_margin."""
    return RiskReport("", ()), None


def main() -> None:
    core = Core(no_risk, DeskState())
    core.take([Batch(history(), NAMES)])
    core.frame(0.0)
    turn = iter(range(10**9))
    prepared = [ticks(i) for i in range(64)]

    def frame() -> object:
        i = next(turn)
        core.take([prepared[i % 64]])
        return core.frame(1.0 + i * 0.016)

    def only_view() -> object:
        board.apply(quote)
        return board.instruments()

    board = MarketBoard()
    board.apply(Batch(history(), NAMES))
    views = board.instruments()
    numbers: dict[tuple[str, str], int] = {}
    quote = Batch(pack([Quote(*NAMES[0], START, 1, 2)], numbers), tuple(numbers))

    def copied() -> object:
        return [{name: getattr(view.candles[MINUTE], name).copy() for name in COLUMNS} for view in views.values()]

    def frames() -> object:
        return [
            pd.DataFrame({name: getattr(view.candles[MINUTE], name) for name in COLUMNS}) for view in views.values()
        ]

    ours = measure(frame)
    report(
        f"A frame of {SYMBOLS} symbols x {CANDLES:,} candles",
        [
            Row("core: 150 records applied, new frame of all symbols", ours, is_ours=True),
            Row("board: one symbol changed, the view of all", measure(only_view)),
            Row("numpy: every column copied", measure(copied)),
            Row("pandas: a DataFrame a symbol", measure(frames)),
        ],
        [Target("frame with every symbol changed", 4.0, ours, "a quarter of a 16 ms tick")],
    )


if __name__ == "__main__":
    main()
