"""How well what was typed fits the name of an action or of a contract."""


def fit(wanted: str, text: str) -> int | None:
    """Higher is better; None where the letters do not stand in the text in this order.

    Starts of words count more than letters inside, runs more than single letters.

    >>> fit("sa", "Save as…") > fit("sa", "Reset layout")
    True
    >>> fit("xq", "Save as…") is None, fit("set", "Reset s") is None
    (True, False)
    """
    letters = [letter for letter in wanted.lower() if not letter.isspace()]
    plain = text.lower()
    scores = [score for score in (_walked(letters, plain, leap) for leap in (True, False)) if score is not None]
    return max(scores) * 100 - len(plain) if scores else None


def _walked(letters: list[str], plain: str, leap: bool) -> int | None:
    """The score from left to right; with `leap` a letter goes to the next word that starts with it, if one does."""
    starts = [i for i, letter in enumerate(plain) if letter.isalnum() and (i == 0 or not plain[i - 1].isalnum())]
    score, at = 0, 0
    for number, letter in enumerate(letters):
        found = plain.find(letter, at)
        if found < 0:
            return None
        run = number > 0 and found == at
        start = next((i for i in starts if i >= at and plain[i] == letter), -1)
        if leap and not run and start >= 0:
            found = start
        score += 8 if run else 6 if found == start else 1
        at = found + 1
    return score


def fit_symbol(wanted: str, symbol: str) -> int | None:
    """How well a contract's name fits: its start, else a run of letters inside; an action named so goes before it.

    >>> fit_symbol("btcusd", "BTC/USDT:USDT") > fit_symbol("pepe", "1000PEPE/USDT:USDT")
    True
    >>> fit_symbol("bt", "ARB/USDT:USDT") is None
    True
    """
    letters = "".join(letter for letter in wanted.upper() if letter.isalnum())
    plain = "".join(letter for letter in symbol if letter.isalnum())
    if not letters or letters not in plain:
        return None
    return (600 if plain.startswith(letters) else 300) * len(letters) - len(plain)
