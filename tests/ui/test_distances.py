"""What the header says of an account, in words."""

from msgspec.structs import replace

from tests.kit.frames import (
    BTC,
    ETH,
    NO_MARK,
    account_report,
    d,
    pool,
    position,
    position_report,
    stressed,
)
from workstation.desk.trial import MarketMove
from workstation.domain.unknown import Unknown
from workstation.risk.report import StressedAccount
from workstation.ui import distances, formats
from workstation.ui.distances import Said, difference
from workstation.ui.formats import GROUP

LONG, SHORT, OTHER = position(), position(side="short"), position(ETH, quantity="20", entry="4000")
BETAS = {"ETH": d("1.3")}


def joint(falls: StressedAccount, rises: StressedAccount, size: str = "0") -> tuple[str, str]:
    said = distances.joint(falls, rises, MarketMove(d(size), BETAS))
    return said.value.replace(GROUP, " "), said.note.replace(GROUP, " ")


def test_the_nearest_symbol_is_the_venues_own_number():
    far = position_report(OTHER, d("4000"), d("3537.69"))
    said = distances.per_symbol(account_report(position_report(LONG), far))
    assert said.value.replace(GROUP, " ") == "−9.24 %"
    assert said.note == "BTC/USDT:USDT, the venue's own"


def test_a_short_is_liquidated_above():
    said = distances.per_symbol(account_report(position_report(SHORT, price=d("109000"))))
    assert said.value.replace(GROUP, " ") == "+9.00 %"


def test_the_joint_distance_names_its_betas():
    assert joint(stressed(LONG, multiple="0.0453"), stressed(LONG)) == ("−4.53 %", "all together, ETH ×1.3")


def test_the_nearer_of_fall_and_rise_is_shown():
    assert joint(stressed(LONG, multiple="0.5"), stressed(SHORT, multiple="0.12"))[0] == "+12.00 %"


def test_an_account_that_stands_everything_says_so():
    value, note = joint(stressed(LONG), stressed(LONG))
    assert value == "none"
    # ETH x 1.3 reaches zero when the market has fallen by 77 %
    assert note.endswith("stands −77 % and +1 000 %")


def test_while_the_market_is_moved_the_rest_of_the_way_is_shown():
    falls, rises = stressed(LONG, multiple="0.0453"), stressed(LONG)
    assert joint(falls, rises, "-0.03") == ("−1.53 %", "all together, ETH ×1.3 · left of −4.53 %")
    assert joint(falls, rises, "-0.0453") == ("liquidated", "all together, ETH ×1.3 · at −4.53 %")
    assert joint(falls, rises, "-0.06")[0] == "liquidated"
    assert joint(falls, rises, "0.06")[0] == "−10.53 %"
    assert joint(stressed(LONG), stressed(LONG, multiple="0.05"), "0.05")[0] == "liquidated"


def test_a_missing_fact_is_named_and_no_number_is_made_up():
    falls = rises = stressed(LONG, because=NO_MARK)
    said = distances.joint(falls, rises, MarketMove())
    assert (said.value, said.note) == ("—", "no mark price for ETH/USDT:USDT")
    assert said.tip == "no mark price for ETH/USDT:USDT (give marks.binance-usdm.ETH/USDT:USDT)"


def test_many_missing_facts_take_one_line_and_are_all_there_on_hover():
    why = Unknown("no mark price for A; no mark price for B; no mark price for C", ("marks.okx.A", "marks.okx.B"))
    said = distances.equity(account_report(own=pool(why, why)))
    assert (said.note, said.brief) == ("no mark price for A, and 2 more reasons",) * 2
    assert said.tip == formats.exact(why)
    assert "no mark price for C" in said.tip


def test_an_account_that_is_at_liquidation_has_no_joint_distance_left():
    dead = stressed(LONG, multiple="0")
    said = distances.joint(dead, stressed(LONG), MarketMove())
    assert (said.value, said.note, said.tone) == ("at liquidation", f"{BTC}, at today's prices", "red")
    assert said.number is None


def test_what_could_be_computed_bounds_what_could_not():
    falls = stressed(LONG, multiple="0.05", because=NO_MARK)
    value, note = joint(falls, stressed(LONG, because=NO_MARK))
    assert value == "—"
    assert note.endswith("at the latest −5.00 %")
    assert joint(falls, stressed(LONG), "-0.06")[0] == "liquidated"


def test_a_dead_position_is_not_a_distance():
    dead = position_report(LONG, price=None, status="liquidatable")
    assert distances.per_symbol(account_report(dead)).value == "at liquidation"
    assert distances.margin_use(account_report(dead)).value == "at liquidation"


def test_unknown_positions_are_counted_beside_the_nearest_known_one():
    missing = position_report(OTHER, NO_MARK, None, "insufficient", NO_MARK, margin_use=NO_MARK)
    assert distances.per_symbol(account_report(position_report(LONG), missing)).note.endswith("1 unknown")
    assert distances.per_symbol(account_report(missing)).value == "—"
    assert "no mark price" in distances.per_symbol(account_report(missing)).note


def test_margin_use_is_that_of_the_worst_and_names_it():
    alone = replace(position_report(OTHER, margin_use=d("0.9")), margin_mode="isolated")
    said = distances.margin_use(account_report(position_report(LONG), alone, own=pool(margin_use=d("0.4"))))
    assert said.value.replace(GROUP, " ") == "90.0 %"
    assert said.note == f"critical · {ETH}"
    assert said.tone == "red"
    assert said.fullness == 0.9


def test_isolated_only_accounts_have_no_pool():
    alone = replace(account_report(replace(position_report(LONG), margin_mode="isolated")), pools=(), worst_pool=None)
    assert distances.equity(alone).value == "—"
    assert "isolated" in distances.equity(alone).note
    assert distances.margin_use(alone).note == f"calm · {BTC}"


def test_unknown_equity_says_why():
    said = distances.equity(account_report(own=pool(Unknown("the balance is not given"), NO_MARK)))
    assert (said.value, said.note) == ("—", "the balance is not given")


def test_betas_in_words():
    many = {f"C{i}": d("2") for i in range(6)}
    assert distances.betas_in_words(many) == "C0 ×2, C1 ×2, C2 ×2, 3 more"
    assert distances.betas_in_words({"ETH": d("1.0")}) == "every coin alike"


def test_where_coins_move_by_themselves_the_distance_is_from_todays_prices():
    falls, rises = stressed(LONG, multiple="0.0453"), stressed(LONG)
    move = MarketMove(d("-0.03"), BETAS, {"ETH": d("-0.2")})
    said = distances.joint(falls, rises, move, stressed(LONG, multiple="1.2"))
    assert said.value.replace(GROUP, " ") == "−4.53 %"
    assert said.note == "from today's prices, all together, ETH ×1.3"
    dead = distances.joint(falls, rises, move, stressed(LONG, multiple="0.8"))
    assert (dead.value, dead.note) == ("liquidated", f"on the way to this move · {BTC} first")


def test_a_difference_is_money_or_percentage_points_and_never_made_up():
    def money(text: str) -> Said:
        return Said("", number=d(text), asset="USDT")

    assert difference(money("9000"), money("10000")).replace(GROUP, " ") == "−1 000.00"
    assert difference(Said("", number=d("0.10")), Said("", number=d("0.08"))).replace(GROUP, " ") == "+2.0 pp"
    assert difference(money("9000"), money("9000")) == ""
    assert difference(Said("—"), money("10000")) == ""
    assert difference(money("9000"), Said("", number=d("1"), asset="BTC")) == ""
    assert difference(Said("", number=d("-0.1")), Said("", number=d("0.1"))) == ""
