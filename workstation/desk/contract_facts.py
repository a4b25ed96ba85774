"""What is known of a contract while a position is entered: its mark, kind and face, and a size said in dollars."""

from decimal import ROUND_DOWN, Decimal, localcontext

from workstation.desk.contract_names import Known
from workstation.desk.portfolio_file import VENUE_IDS
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.instrument import Kind, SymbolParts, parse_symbol
from workstation.domain.position import Account
from workstation.domain.problem import BadInput, Problem
from workstation.domain.scenario import DOLLARS
from workstation.market.view import MarketView

_GROUP = "\u202f"
_DECIMALS = 8
_DIGITS = 6
_NEW_NAME = "main"


def mark_of(desk: DeskState, market: MarketView, venue: str, symbol: str) -> Decimal | None:
    """Today's mark: the trader's own word, else the market's; None where none is known."""
    own = desk.marks.get(venue, {}).get(symbol) or market.mark(venue, symbol)
    shown = market.instruments.get((venue, symbol))
    if own is None and shown is not None and shown.mark is not None and shown.mark > 0:
        return Decimal(repr(shown.mark))
    return own


def kind_of(desk: DeskState, known: Known, venue: str, symbol: str) -> Kind:
    """Linear or inverse, by the trader's word, the rule data or the symbol itself."""
    override = desk.instruments.get(venue, {}).get(symbol)
    listing, parts = known(venue).get(symbol), parse_symbol(symbol)
    if override is not None and override.kind is not None:
        return override.kind
    return listing.kind if listing else parts.kind if parts else "linear"


def face_of(desk: DeskState, market: MarketView, known: Known, venue: str, symbol: str) -> Decimal | None:
    """What one inverse contract is worth in its quote currency; None where nobody says."""
    override = desk.instruments.get(venue, {}).get(symbol)
    listing, shown = known(venue).get(symbol), market.instruments.get((venue, symbol))
    if override is not None and override.contract_size is not None:
        return override.contract_size
    if listing is not None and listing.contract_size is not None:
        return listing.contract_size
    size = shown.info.contract_size if shown is not None and shown.info is not None else None
    return None if size is None else Decimal(repr(size))


def size_from_usd(
    usd: Decimal, price: Decimal, kind: Kind, parts: SymbolParts, face: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """(quantity, contracts) worth so many dollars at a price, rounded down. Raises BadInput where that says nothing.

    >>> linear = parse_symbol("BTC/USDT:USDT")
    >>> size_from_usd(Decimal(5000), Decimal(100000), "linear", linear, None)
    (Decimal('0.05'), None)
    """
    if parts.quote not in DOLLARS or parts.is_option:
        raise _bad(f"{parts.base} is not priced in dollars here; give the size in coins or contracts")
    if kind == "inverse":
        if face is None:
            raise _bad("the dollars in one contract are not known; give the number of contracts")
        contracts = _rounded_down(usd / face, 0)
        if contracts == 0:
            raise _bad(f"less than one contract of {shown(face)} {parts.quote}")
        return None, contracts
    with localcontext() as context:
        context.prec = 60
        quantity = usd / price
    # venues trade no finer; a size of a few cents keeps six digits
    return _rounded_down(quantity, max(_DECIMALS, _DIGITS - 1 - quantity.adjusted())), None


def shown(value: Decimal) -> str:
    """A number with groups of three."""
    return f"{value:,f}".replace(",", _GROUP)


def new_account(desk: DeskState, venue: str) -> Account:
    """An account for a desk that has none at the venue: named main, else after the venue. Its balance is not known."""
    taken = {account.name for account in looked_at(desk)}
    names = [_NEW_NAME, venue, *(f"{venue}-{number}" for number in range(2, len(taken) + 3))]
    return Account(name=next(name for name in names if name not in taken), venue=venue)


def market_venue(market: MarketView) -> str:
    """The venue of the market that is shown; the first that we know where none is."""
    source = () if market.source is None else tuple(market.source.instruments)
    venues = (*source, *(venue for venue, _ in market.instruments), *market.marks)
    return next((venue for venue in venues if venue in VENUE_IDS), VENUE_IDS[0])


def _rounded_down(value: Decimal, decimals: int) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN).normalize()
        return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def _bad(text: str) -> BadInput:
    return BadInput((Problem("", text),))
