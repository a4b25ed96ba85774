"""ChartPane: what every pane with a chart has: a heading, the chart or why there is none, the contract it follows."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workstation.market.view import InstrumentView, Name
from workstation.runtime.messages import Frame
from workstation.ui.charts.axes import ValueText
from workstation.ui.charts.empty_chart import EmptyChart
from workstation.ui.charts.heading import Heading
from workstation.ui.charts.linked_view import LinkedView
from workstation.ui.panes.base import Focus, Hands, Pane
from workstation.ui.theme import Theme


class ChartPane(Pane):
    """Follows the focus. A pane of its own kind shows a frame by `_draw`, and says the heading's words by `_head`."""

    def __init__(
        self, theme: Theme, hands: Hands, chart: str, value_text: ValueText, parent: QWidget | None = None
    ) -> None:
        """`chart` is what the chart is called, `value_text` how its axis writes a value."""
        super().__init__(theme, hands, parent)
        self._frame: Frame | None = None
        self._focus: Focus | None = None
        self.heading = Heading(theme)
        self.linked = LinkedView(theme, chart, value_text)
        self.empty = EmptyChart(theme)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.linked)
        self._strip = QHBoxLayout()
        self._strip.setContentsMargins(0, 0, 0, 0)
        self._strip.addWidget(self.heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(self._strip)
        layout.addWidget(self._pages, 1)
        self.setFocusProxy(self.linked)
        self._listen()
        self.linked.linked_anew.connect(self._listen)

    def _listen(self) -> None:
        """To the link, whose mouse may be over another chart; again where it is another link."""
        self.linked.link.pointed.connect(self._head)

    @property
    def _name(self) -> Name | None:
        return None if self._focus is None else (self._focus.venue, self._focus.symbol)

    @property
    def _instrument(self) -> InstrumentView | None:
        if self._frame is None or self._name is None:
            return None
        return self._frame.market.instruments.get(self._name)

    def _is_same_market(self, before: Frame, frame: Frame) -> bool:
        """Nothing that is drawn of the contract has changed."""
        name = self._name
        same_source = before.market.source is frame.market.source
        return (
            name is not None
            and same_source
            and before.market.instruments.get(name) is frame.market.instruments.get(name)
        )

    def show_focus(self, focus: Focus) -> None:
        if focus != self._focus:
            self._focus = focus
            if self._frame is not None:
                self._draw(self._frame)

    def _draw(self, frame: Frame) -> None:
        """Draw what there is of the contract in a frame, and its heading."""
        raise NotImplementedError

    def _head(self) -> None:
        """Say what the heading says, of the moment that the mouse points at where it does."""
        raise NotImplementedError
