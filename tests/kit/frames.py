"""Frames as literals: the sample account and its report written down by hand, and one that answers with them."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from workstation.desk.state import DeskState
from workstation.desk.trial import MarketMove, counted, market_move
from workstation.domain.instrument import InstrumentOverride
from workstation.domain.position import Account, Position, Side
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import MarketView
from workstation.risk.report import (
    AccountReport,
    FirstLiquidation,
    Liquidation,
    PoolReport,
    PositionReport,
    RiskReport,
    Root,
    RuleNote,
    Status,
    StressedAccount,
    StressedPosition,
    StressReport,
    TierNote,
)
from workstation.runtime.messages import Frame

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
RULE = RuleNote("binance-linear", "2019-09-08", "verified", "Binance FAQ")
GUESS = RuleNote("bybit-isolated", "2025-09-01", "documented", "Bybit help")
NO_MARK = Unknown("no mark price for ETH/USDT:USDT", ("marks.binance-usdm.ETH/USDT:USDT",))


def d(text: str) -> Decimal:
    """A number as it would stand in a file."""
    return Decimal(text)


def position(symbol: str = BTC, side: Side = "long", quantity: str = "1", entry: str = "100000") -> Position:
    return Position(symbol=symbol, side=side, quantity=d(quantity), entry_price=d(entry), leverage=d("20"))


def desk(*positions: Position, name: str = "SAMPLE", betas: Mapping[str, Decimal] | None = None) -> DeskState:
    """One Binance account with 10 000 USDT."""
    return DeskState(
        accounts=(Account(name=name, venue="binance-usdm", balances={"USDT": d("10000")}, positions=positions),),
        instruments={
            "binance-usdm": {
                BTC: InstrumentOverride(price_tick=d("0.1")),
                ETH: InstrumentOverride(price_tick=d("0.01")),
            }
        },
        marks={"binance-usdm": {BTC: d("100000"), ETH: d("4000")}},
        betas=betas or {},
    )


def sample_desk() -> DeskState:
    """Long 1 BTC and 20 ETH."""
    return desk(position(), position(ETH, quantity="20", entry="4000"))


def position_report(
    held: Position,
    mark: Number = Decimal(100000),
    price: Decimal | None = Decimal("90763.0522"),
    status: Status = "ok",
    because: Unknown | None = None,
    rule: RuleNote | None = RULE,
    margin_use: Number = Decimal("0.08"),
    pnl: Number = Decimal(0),
) -> PositionReport:
    """`because` takes the place of every number that the liquidation price is needed for."""
    why = because or Unknown("no price of this contract liquidates it")
    distance: Number = why
    if price is not None and isinstance(mark, Decimal):
        distance = abs(price - mark)
    return PositionReport(
        symbol=held.symbol,
        side=held.side,
        margin_mode=held.margin_mode,
        isolated_wallet=held.isolated_wallet,
        price_tick={BTC: d("0.1"), ETH: d("0.01")}.get(held.symbol),
        mark=mark,
        notional=why if isinstance(mark, Unknown) else mark,
        unrealised_pnl=pnl,
        initial_margin=d("5000"),
        maintenance_margin=d("400"),
        margin_use=margin_use,
        liquidation=Liquidation(
            status,
            price,
            None if price is not None else why.because,
            () if price is not None else why.missing,
            () if price is None else (Root(price, "below" if held.side == "long" else "above", 1),),
        ),
        displayed_price=why if price is None else price,
        bankruptcy_price=why if price is None else d("90000"),
        distance_fraction=distance / mark if isinstance(distance, Decimal) and isinstance(mark, Decimal) else why,
        distance_quote=distance,
        rule=rule,
        tiers=TierNote("portfolio file", "portfolio file"),
    )


def pool(equity: Number = Decimal(10000), margin_use: Number = Decimal("0.08")) -> PoolReport:
    return PoolReport(
        asset="USDT",
        equity=equity,
        initial_margin=d("9000"),
        maintenance_margin=d("800"),
        requirement=d("800"),
        margin_use=margin_use,
        venue_ratio=None,
    )


def account_report(*positions: PositionReport, own: PoolReport | None = None, name: str = "SAMPLE") -> AccountReport:
    own = pool() if own is None else own
    return AccountReport(name=name, venue="binance-usdm", positions=positions, pools=(own,), worst_pool=own)


def stressed(
    *positions: Position, multiple: str | None = None, because: Unknown | None = None, equity_after: str = "10000"
) -> StressedAccount:
    """`multiple` of the move until the first liquidation, None for none; `because`: it is not known."""
    first = None if multiple is None else FirstLiquidation(BTC, d(multiple), "cross")
    liquidated = multiple is not None and d(multiple) <= 1
    why = because or Unknown("stands 10 times the move")
    return StressedAccount(
        name="SAMPLE",
        computed=because is None,
        asset="USDT",
        equity_before=d("10000"),
        equity_after=d(equity_after),
        margin_use_after=d("0.1"),
        multiple=why if multiple is None or because is not None else d(multiple),
        moves={},
        first_liquidation=first,
        positions=tuple(
            StressedPosition(
                symbol=held.symbol,
                side=held.side,
                mark_after=d("1"),
                pnl=d("0"),
                distance_after=d("0.1"),
                liquidated=liquidated,
                liquidation_mark=why,
                loss=why,
                quantity=d("1"),
            )
            for held in positions
        ),
    )


class RememberingMaker:
    """Answers for the core: long positions die when everything falls by `falls_at`. Remembers the desks it was asked
    about.

    Marks are the desk's or the market's. In a what-if marks and equity follow the market (equity loses 2 000 a per
    cent); the other figures are the literals above. `unknown` symbols have no mark.
    """

    def __init__(self, falls_at: str | None = "0.0453", unknown: tuple[str, ...] = ()) -> None:
        self.falls_at = falls_at
        self.unknown = unknown
        self.asked: list[DeskState] = []

    def __call__(self, market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        self.asked.append(desk)
        still = replace(desk, trial=None)
        risk = self._report(market, desk, desk.accounts, market_move(still))
        if desk.trial is None:
            return risk, None
        return risk, self._report(market, desk, counted(desk), market_move(desk), tried=True)

    def _report(
        self,
        market: MarketView,
        desk: DeskState,
        accounts: tuple[Account, ...],
        move: MarketMove,
        *,
        tried: bool = False,
    ) -> RiskReport:
        size = move.size
        held = tuple(p for account in accounts for p in account.positions)
        reports = tuple(self._account(account, market, desk, move.shock()) for account in accounts)
        ends: list[str | None] = [self.falls_at, None]
        names = [direction.name for direction in move.directions()]
        if tried:
            ends.append(str(d(self.falls_at) / -size) if self.falls_at and size < 0 else None)
            names.append(move.shock().name)
        after = str(10000 + 200000 * size)
        stress = tuple(
            StressReport(name, "test", (stressed(*held, multiple=end, equity_after=after),) * len(accounts))
            for name, end in zip(names, ends, strict=True)
        )
        return RiskReport("2026-11-22", reports, stress)

    def _account(self, account: Account, market: MarketView, desk: DeskState, shock: JointMove) -> AccountReport:
        reports: list[PositionReport] = []
        for held in account.positions:
            mark = desk.marks.get(account.venue, {}).get(held.symbol) or market.mark(account.venue, held.symbol)
            if held.symbol in self.unknown or mark is None:
                why = Unknown(f"no mark price for {held.symbol}", (f"marks.{account.venue}.{held.symbol}",))
                gone = position_report(held, why, None, "insufficient", why, margin_use=why, pnl=why)
                reports.append(gone)
            else:
                away = d("0.9076") if held.side == "long" else d("1.0924")
                base = held.symbol.partition("/")[0]
                reports.append(position_report(held, mark * (1 + shock.of(base)), mark * away))
        return account_report(*reports, own=pool(10000 + 200000 * shock.others), name=account.name)


def frame_of(desk: DeskState, maker: RememberingMaker | None = None, market: MarketView | None = None) -> Frame:
    """The frame that answers a desk."""
    market = market or MarketView()
    risk, what_if = (maker or RememberingMaker())(market, desk)
    return Frame(market, desk, risk, what_if)
