"""The stress pane: the what-if's controls. A market slider with betas and moves of single coins, and what is left."""

from decimal import Decimal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from workstation.desk.edits import BeginWhatIf, EndWhatIf, KeepWhatIf, MoveMarket
from workstation.desk.state import DeskState
from workstation.desk.trial import STEP, MarketMove, looked_at, market_move
from workstation.runtime.messages import Frame
from workstation.ui import distances, formats
from workstation.ui.panes.base import Hands, Pane, same_answer
from workstation.ui.tables.beta_columns import BetaRow, beta_columns, rows_of
from workstation.ui.tables.frozen_rows import FrozenRows
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme
from workstation.ui.widgets.aftermath import Aftermath
from workstation.ui.widgets.percent_box import PercentBox
from workstation.ui.widgets.quiet_scroll import QuietScroll
from workstation.ui.widgets.reach_bar import ReachBar

_WIDEST = 500  # in the slider's own steps, tenths of a per cent
_MOST_BETAS_SEEN = 6
_NO_MOVE = Decimal(0)
_PATIENCE_MS = 500


class StressPane(Pane):
    """Everything here is an edit, to be undone; the answer comes as a frame. The market is BTC: its own beta is one.

    The controls stay where the hand has put them until a frame answers the newest edit.
    """

    key = "stress"
    title = "Stress test"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: Frame | None = None
        self._asked: Decimal | None = None  # where the hand has put the market, until a frame says the same
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Market move in tenths of a per cent")
        self.slider.setRange(-_WIDEST, _WIDEST)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(50)
        self.box = PercentBox("Market move in per cent")
        self.box.setRange(-_WIDEST / 10, _WIDEST / 10)
        self.reset = QPushButton("Reset")
        self.reset.setAccessibleName("Reset the market to today's prices")
        self.reset.setEnabled(False)
        self.begin = QPushButton("What-if")
        self.begin.setToolTip("Try edits on a copy of the book")
        self.keep = QPushButton("Keep")
        self.keep.setToolTip("The copy becomes the book, without the legs that are left out; prices stay the market's")
        self.end = QPushButton("Back to actual")
        self.end.setToolTip("Forget what is tried")
        self.reach = ReachBar(theme)
        self.first = QLabel()
        self.first.setProperty("tone", "fg2")
        self.first.setWordWrap(True)
        self.betas: FrozenRows[BetaRow] = FrozenRows(beta_columns(hands.edit, hands.fault), self)
        self.beta_table: RowsView[BetaRow] = RowsView(self.betas, theme, "Betas to the market", stretched=0)
        self.aftermath = Aftermath(theme)
        self._hint = QLabel(
            "Beta: how far a coin moves when BTC moves by 1 %. Move: type per cent to move a coin by itself."
        )
        self._hint.setWordWrap(True)
        self._hint.setProperty("tone", "fg2")
        self._lay_out()
        self.slider.valueChanged.connect(self._slid)
        self.box.valueChanged.connect(self._typed)
        self.reset.clicked.connect(lambda: self._ask(_NO_MOVE))
        self.begin.clicked.connect(lambda: self.hands.edit(BeginWhatIf()))
        self.keep.clicked.connect(lambda: self.hands.edit(KeepWhatIf()))
        self.end.clicked.connect(lambda: self.hands.edit(EndWhatIf()))
        theme.changed.connect(self.restyle)
        self.restyle()

    def _lay_out(self) -> None:
        market = QHBoxLayout()
        for widget in (QLabel("Market (BTC)"), self.box):
            market.addWidget(widget)
        market.addStretch()
        market.addWidget(self.reset)
        buttons = QHBoxLayout()
        for button in (self.begin, self.keep, self.end):
            buttons.addWidget(button)
        inside = QWidget()
        below = QVBoxLayout(inside)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self.aftermath)
        below.addWidget(self.beta_table)
        below.addWidget(self._hint)
        below.addStretch()
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(6)
        self._layout.addLayout(buttons)
        self._layout.addLayout(market)
        self._layout.addWidget(self.slider)
        self._layout.addWidget(self.reach)
        self._layout.addWidget(self.first)
        scroll = QuietScroll(inside, "After the move, and betas")
        scroll.verticalScrollBar().valueChanged.connect(self.aftermath.fill)
        self._layout.addWidget(scroll, 1)

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self.theme.px
        self._layout.setContentsMargins(px(9), px(6), px(9), px(8))
        self.first.setFont(self.theme.font(11))
        self._hint.setFont(self.theme.font(11))
        self.box.setFixedWidth(px(84))
        self.setMinimumWidth(px(270))
        self._size_betas()

    def _size_betas(self) -> None:
        self.beta_table.setFixedHeight((min(len(self.betas.rows), _MOST_BETAS_SEEN) + 1) * self.theme.px(28) + 4)

    def show_frame(self, frame: Frame) -> None:
        before = self._shown
        if before is not None and same_answer(frame, before):
            return
        self._shown = frame
        move, what_if = market_move(frame.desk), frame.what_if is not None
        self.betas.show(rows_of(frame.desk))
        if before is None or looked_at(frame.desk) is not looked_at(before.desk):
            self._size_betas()
        if self.beta_table.cells.what_if != what_if:
            self.beta_table.cells.what_if = what_if
            self.beta_table.viewport().update()
        self.aftermath.show_frame(frame)
        self._set_controls(frame.desk)
        self._show_reach(frame, move)

    def show_greyed(self, greyed: bool) -> None:
        self.aftermath.fade(greyed)

    def _set_controls(self, desk: DeskState) -> None:
        trial, move = desk.trial, market_move(desk)
        if self._asked is not None and self._asked != (_NO_MOVE if trial is None else trial.size):
            return  # an older answer: the hand has moved on
        self._asked = None
        self._patience.stop()
        self.begin.setEnabled(trial is None or trial.accounts is None)
        self.keep.setEnabled(trial is not None and (trial.accounts is not None or bool(trial.dropped)))
        self.end.setEnabled(trial is not None)
        self._set_move(move)

    def _set_move(self, move: MarketMove) -> None:
        """Let the controls say what the window shows, without asking it again. No price may reach zero on the way."""
        lowest, highest, tenths = (round(size / STEP) for size in (*move.slider(), move.size))
        for control in (self.slider, self.box):
            control.blockSignals(True)
        self.slider.setRange(lowest, highest)
        self.box.setRange(lowest / 10, highest / 10)
        self.slider.setValue(tenths)
        self.box.setValue(tenths / 10)
        for control in (self.slider, self.box):
            control.blockSignals(False)
        self.reset.setEnabled(move.size != 0)
        cut = (lowest, highest) != (-_WIDEST, _WIDEST)
        betas = distances.betas_in_words(move.betas)
        self.slider.setToolTip(f"Ends where a price would reach zero: {betas}" if cut else "")

    def _show_reach(self, frame: Frame, move: MarketMove) -> None:
        """Where along the slider the first account is liquidated."""
        falls, rises = frame.shown.stress[:2]
        ends = [distances.liquidating_moves(*both) for both in zip(falls.accounts, rises.accounts, strict=True)]
        down = max((end for end, _ in ends if end is not None), default=None)
        up = min((end for _, end in ends if end is not None), default=None)
        self.reach.show_reach(
            self.slider.minimum() * float(STEP),
            self.slider.maximum() * float(STEP),
            None if down is None else float(down),
            None if up is None else float(up),
            float(move.size),
        )
        where = [formats.percent(end, signed=True) for end in (down, up) if end is not None]
        text = f"First liquidation at {' and at '.join(where)}" if where else "No liquidation on the way"
        if down == 0 or up == 0:
            text = "Liquidation at today's prices"
        missing = not all(account.computed for account in (*falls.accounts, *rises.accounts))
        self.first.setText(text + (", or earlier: facts are missing" if missing else ""))

    def _slid(self, tenths: int) -> None:
        self._ask(tenths * STEP)

    def _typed(self, per_cent: float) -> None:
        self._ask(round(per_cent * 10) * STEP)

    def _ask(self, size: Decimal) -> None:
        self._asked = size
        self.hands.edit(MoveMarket(size))
        if self._is_waiting:
            self._patience.start()

    @property
    def _is_waiting(self) -> bool:
        return self._asked is not None

    def _give_up(self) -> None:
        """No frame says what was asked for: it was refused or undone."""
        self._asked = None
        if self._shown is not None:
            self._set_controls(self._shown.desk)
