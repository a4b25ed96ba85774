"""The stress pane: one market slider with betas that moves every number at once, and what is left of each account."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from workstation.runtime.messages import Frame
from workstation.ui import distances, formats
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.ports import STEP, MarketMove
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


class StressPane(Pane):
    """Asks for market moves; the window answers with a frame. The market is BTC: its own beta is one."""

    key = "stress"
    title = "Stress test"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: tuple[Frame, MarketMove] | None = None
        self.heading = QLabel(self.title)
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
        self.reach = ReachBar(theme)
        self.first = QLabel()
        self.first.setProperty("tone", "fg2")
        self.first.setWordWrap(True)
        self.betas: FrozenRows[BetaRow] = FrozenRows(beta_columns(hands.edit, hands.fault), self)
        self.beta_table: RowsView[BetaRow] = RowsView(self.betas, theme, "Betas to the market", stretched=0)
        self.aftermath = Aftermath(theme)
        self._hint = QLabel("Beta: how far a coin moves when BTC moves by 1 %. Double-click to change.")
        self._hint.setWordWrap(True)
        self._hint.setProperty("tone", "fg2")
        self._lay_out()
        self.slider.valueChanged.connect(self._slid)
        self.box.valueChanged.connect(self._typed)
        self.reset.clicked.connect(lambda: self.slider.setValue(0))
        theme.changed.connect(self.restyle)
        self.restyle()

    def _lay_out(self) -> None:
        market = QHBoxLayout()
        for widget in (QLabel("Market (BTC)"), self.box):
            market.addWidget(widget)
        market.addStretch()
        market.addWidget(self.reset)
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
        self._layout.addWidget(self.heading)
        self._layout.addLayout(market)
        self._layout.addWidget(self.slider)
        self._layout.addWidget(self.reach)
        self._layout.addWidget(self.first)
        self._layout.addWidget(QuietScroll(inside, "After the move, and betas"), 1)

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self.theme.px
        self._layout.setContentsMargins(px(9), px(6), px(9), px(8))
        self.heading.setFont(self.theme.font(12, QFont.Weight.DemiBold))
        self.first.setFont(self.theme.font(11))
        self._hint.setFont(self.theme.font(11))
        self.box.setFixedWidth(px(84))
        self.setMinimumWidth(px(270))
        self._size_betas()

    def _size_betas(self) -> None:
        self.beta_table.setFixedHeight((min(len(self.betas.rows), _MOST_BETAS_SEEN) + 1) * self.theme.px(28) + 4)

    def show_frame(self, frame: Frame, move: MarketMove) -> None:
        before = self._shown
        if before is not None and frame.risk is before[0].risk and move is before[1]:
            return
        self._shown = (frame, move)
        self._set_move(move)
        self.betas.show(rows_of(frame.desk, move))
        if before is None or frame.desk is not before[0].desk:
            self._size_betas()
        if self.beta_table.cells.what_if == move.is_real:
            self.beta_table.cells.what_if = not move.is_real
            self.beta_table.viewport().update()
        self.aftermath.show_frame(frame, move)
        self._show_reach(frame, move)

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
        self.reset.setEnabled(not move.is_real)
        cut = (lowest, highest) != (-_WIDEST, _WIDEST)
        betas = distances.betas_in_words(move.betas)
        self.slider.setToolTip(f"Ends where a price would reach zero: {betas}" if cut else "")

    def _show_reach(self, frame: Frame, move: MarketMove) -> None:
        """Where along the slider the first account is liquidated."""
        falls, rises = frame.risk.stress[:2]
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
        missing = not all(account.computed for account in (*falls.accounts, *rises.accounts))
        self.first.setText(text + (", or earlier: facts are missing" if missing else ""))

    def _slid(self, tenths: int) -> None:
        self.hands.move_market(tenths * STEP)

    def _typed(self, per_cent: float) -> None:
        self.hands.move_market(round(per_cent * 10) * STEP)
