"""Problem: what is wrong with the trader's input, where, and how to mend it."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """`where` is a path into the input (``accounts[0].positions[1].quantity``), `text` the fault and its mend."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


class BadInput(Exception):  # noqa: N818  (it is the input that is bad, nothing in the program is)
    """Input that was refused whole, with every problem that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
