"""The strip at the top: the kind of data, the market's clock, the frozen badge, and the way to all commands."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from workstation.market.view import MarketView
from workstation.ui import data_state
from workstation.ui.icons import icon
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.widgets.playback_bar import PlaybackBar

_COMMANDS = "Commands   Ctrl+K"
_TONES = {"LIVE": "live", data_state.OFFLINE: "offline"}


class Strip(QFrame):
    """Not a tool bar: nothing in it may vanish into an overflow menu."""

    def __init__(self, theme: Theme, playback: PlaybackBar, market_menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("strip")
        self.mode = QToolButton()
        self.mode.setProperty("mode", "offline")
        self.mode.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.mode.setMenu(market_menu)
        self.name = QLabel()
        self.name.setProperty("tone", "fg2")
        # a long name of a recording gives way to the clock
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.frozen = QLabel()
        self.frozen.setProperty("pill", "amber")
        self.frozen.hide()
        self.commands = QPushButton(_COMMANDS)
        self.commands.setAccessibleName("Commands")
        self.commands.setToolTip("Search everything that can be done  Ctrl+K")
        for button in (self.mode, self.commands):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.mode)
        self._row.addWidget(self.name, 1)
        self._row.addWidget(playback, 3)
        self._row.addWidget(self.frozen)
        self._row.addWidget(self.commands)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.show_market(MarketView())

    def restyle(self) -> None:
        """Take the theme's fonts, lengths and colours anew."""
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(5), px(8), px(5))
        self._row.setSpacing(px(8))
        self.mode.setFont(self._theme.font(12, QFont.Weight.DemiBold))
        self.name.setFont(self._theme.font(12))
        self.frozen.setFont(self._theme.font(12))
        self.commands.setIcon(icon("commands", self._theme, "fg2"))
        self.commands.setIconSize(QSize(px(14), px(14)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is no room the words of a button go, so that no figure is cut."""
        for text in (_COMMANDS, ""):
            if self.commands.text() != text:
                self.commands.setText(text)
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                return

    def show_market(self, market: MarketView) -> None:
        """Say loudly what kind of data is shown."""
        word = data_state.source_word(market)
        down = market.source is not None and not market.feed.up
        text = f"{word} · feed down" if down else word
        tone = "down" if down else _TONES.get(word, "made")
        if (self.mode.text(), self.mode.property("mode")) != (text, tone):
            self.mode.setText(text)
            self.mode.setAccessibleName(f"Data: {text}")
            set_styled(self.mode, "mode", tone)
        self.mode.setToolTip(market.feed.because if down else "Where the prices come from; click for another market")
        name = "" if market.source is None else market.source.name
        if self.name.text() != name:
            self.name.setText(name)
            self.name.setToolTip(name)
            self._fit()

    def show_frozen(self, seconds: float | None) -> None:
        """Say for how long the view has been held; None where it is not."""
        text = "" if seconds is None else f"frozen {seconds:.0f} s · Space goes on"
        if text != self.frozen.text():
            self.frozen.setText(text)
            self.frozen.setVisible(bool(text))
            self._fit()
