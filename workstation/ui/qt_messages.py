"""Qt's own messages: warnings into the log, what is worse into a crash report before Qt ends the program."""

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from workstation.runtime.crash import CrashReports

_LOG = logging.getLogger("qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}


def hear_qt(reports: CrashReports) -> None:
    """From now on; from every thread. `hear_qt_no_more` belongs before the end of the program."""

    def hear(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        level = _LEVELS.get(kind)
        if level is None:  # critical or fatal
            reports.take_text(text, "", "Qt")
        else:
            _LOG.log(level, "%s: %s", context.category or "default", text)

    qInstallMessageHandler(hear)


def hear_qt_no_more() -> None:
    """Give Qt's messages back to Qt: a handler of ours must not be called while Python goes down."""
    qInstallMessageHandler(None)
