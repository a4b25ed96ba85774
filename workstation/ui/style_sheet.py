"""The style sheet in token names: theme.py fills in colours and lengths (`{px4}`: 4 pixels at 100 % text size)."""

STYLE_SHEET = """
* {{ outline: 0; }}
QMainWindow, QDialog {{ background: {bg0}; }}
QToolTip {{ background: {bg3}; color: {fg}; border: 1px solid {line2}; padding: {px4} {px6}; }}

QMenuBar {{ background: {bg0}; color: {fg2}; border-bottom: 1px solid {line}; padding: 1px {px4}; }}
QMenuBar::item {{ padding: {px4} {px8}; border-radius: {px4}; background: transparent; }}
QMenuBar::item:selected {{ background: {bg3}; color: {fg}; }}
QMenu {{ background: {bg2}; border: 1px solid {line2}; padding: {px4}; }}
QMenu::item {{ padding: {px5} {px22} {px5} {px10}; border-radius: {px4}; }}
QMenu::item:selected {{ background: {sel}; }}
QMenu::item:disabled {{ color: {fg3}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: {px4} {px6}; }}

QStatusBar {{ background: {bg0}; color: {fg2}; border-top: 1px solid {line}; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QLabel {{ color: {fg2}; padding: 0 {px6}; }}
QFrame#strip {{ background: {bg0}; border: 0; border-bottom: 1px solid {line}; }}
QToolButton {{
    color: {fg2}; background: transparent; border: 1px solid transparent; border-radius: {px4}; padding: {px3} {px6};
}}
QToolButton:hover {{ background: {bg3}; color: {fg}; }}
QToolButton:pressed {{ background: {sel}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:disabled {{ color: {fg3}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[mode="made"] {{ color: {amber}; background: {amber_bg}; border-color: {amber}; padding: {px3} {px10}; }}
QToolButton[mode="live"] {{ color: {up}; background: {bg1}; border-color: {up}; padding: {px3} {px10}; }}
QToolButton[mode="offline"] {{ color: {fg2}; background: {bg1}; border-color: {line2}; padding: {px3} {px10}; }}
QToolButton[mode="down"] {{ color: {red_fg}; background: {red_fill}; border-color: {red_fill}; padding: {px3} {px10}; }}
QFrame#pinned {{ background: {amber_bg}; border: 0; border-bottom: 1px solid {line}; }}
QFrame#pinned QLabel {{ color: {amber}; }}

ads--CDockContainerWidget {{ background: {bg0}; }}
ads--CDockContainerWidget > QSplitter {{ padding: 0; }}
ads--CDockSplitter::handle {{ background: {bg0}; }}
ads--CDockSplitter::handle:hover {{ background: {accent}; }}
ads--CDockAreaWidget {{ background: {bg1}; border: 1px solid {line}; }}
ads--CDockAreaTitleBar {{ background: {bg1}; border: 0; border-bottom: 1px solid {line}; padding: 0; }}
ads--CDockWidgetTab {{
    background: {bg1}; border: 0; border-bottom: {px2} solid transparent; padding: {px3} {px4} {px2} {px4};
}}
ads--CDockWidgetTab[activeTab="true"] {{ border-bottom-color: {accent}; }}
ads--CDockWidgetTab QLabel {{ color: {fg2}; font-weight: 500; padding: 0 {px2}; }}
ads--CDockWidgetTab[activeTab="true"] QLabel {{ color: {fg}; }}
#tabCloseButton, ads--CTitleBarButton {{
    background: transparent; border: 0; border-radius: {px3}; padding: {px2}; margin: 0;
}}
#tabCloseButton:hover, ads--CTitleBarButton:hover {{ background: {bg3}; }}
#tabCloseButton:focus, ads--CTitleBarButton:focus {{ border: 1px solid {accent}; }}
ads--CDockWidget {{ background: {bg1}; border: 0; }}
ads--CAutoHideSideBar {{ background: {bg0}; border: 0; }}
ads--CAutoHideTab {{ color: {fg2}; background: {bg0}; border: 0; padding: {px4}; }}
ads--CAutoHideTab[activeTab="true"] {{ color: {fg}; }}
/* a dock has its own frame: its pane needs none */
ads--CDockWidget QFrame[panel="true"] {{ border: 0; }}

QSplitter::handle {{ background: {bg0}; }}
QSplitter::handle:hover {{ background: {accent}; }}

QTableView {{ background: {bg1}; border: 0; selection-background-color: {sel}; selection-color: {fg}; }}
QTableView::item {{ padding: 0 {px8}; border: 0; }}
QHeaderView {{ background: {bg1}; }}
QHeaderView::section {{
    background: {bg1}; color: {fg2}; border: 0; border-bottom: 1px solid {line}; padding: {px5} {px8}; font-weight: 500;
}}
QHeaderView::section:hover {{ color: {fg}; }}
QTableCornerButton::section {{ background: {bg1}; border: 0; }}

QPushButton {{
    background: {bg3}; color: {fg}; border: 1px solid {line2}; border-radius: {px4}; padding: {px5} {px12};
}}
QPushButton:hover {{ border-color: {fg2}; }}
QPushButton:pressed {{ background: {bg2}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:disabled {{ color: {fg3}; border-color: {line}; }}
QPushButton[primary="true"] {{
    background: {accent_fill}; color: {accent_fg}; border-color: {accent_fill}; font-weight: 600;
}}
QPushButton[primary="true"]:focus {{ border-color: {fg}; }}
QPushButton[primary="true"]:disabled {{ background: {bg3}; color: {fg3}; border-color: {line}; }}

QLineEdit, QDoubleSpinBox, QComboBox {{
    background: {bg0}; color: {fg}; border: 1px solid {line2}; border-radius: {px4}; padding: {px3} {px6};
    selection-background-color: {accent_fill}; selection-color: {accent_fg};
}}
QLineEdit:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border-color: {accent}; }}
QLineEdit[wrong="true"] {{ border-color: {red}; }}
QTableView QLineEdit {{ border-radius: 0; padding: 0 {px6}; }}
/* The inner editor must not inherit the frame, or its text is clipped to nothing. */
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: 0; padding: 0; background: transparent; }}
/* Not setButtonSymbols(NoButtons): with any style sheet that narrows the editor to one pixel. */
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; height: 0; border: 0; }}
QComboBox::drop-down {{ border: 0; width: {px16}; }}
QComboBox QAbstractItemView {{ background: {bg2}; border: 1px solid {line2}; selection-background-color: {sel}; }}

QSlider:horizontal {{ min-height: {px20}; }}
QSlider::groove:horizontal {{ height: {px4}; background: {bg3}; border-radius: {px2}; }}
QSlider::handle:horizontal {{
    background: {fg}; width: {handle}; height: {handle}; margin: -{px5} 0; border-radius: {handle_radius};
}}
QSlider::handle:horizontal:focus {{ background: {accent}; }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: {px10}; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px10}; margin: 0; }}
QScrollBar::handle {{
    background: {line2}; border-radius: {px4}; min-height: {px24}; min-width: {px24}; margin: 1px;
}}
QScrollBar::handle:hover {{ background: {fg3}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QLabel[tone="fg"] {{ color: {fg}; }}
QLabel[tone="fg2"] {{ color: {fg2}; }}
QLabel[tone="fg3"] {{ color: {fg3}; }}
QLabel[tone="up"] {{ color: {up}; }}
QLabel[tone="down"] {{ color: {down}; }}
QLabel[tone="amber"] {{ color: {amber}; }}
QLabel[tone="orange"] {{ color: {orange}; }}
QLabel[tone="red"] {{ color: {red}; }}
QLabel[fault="true"] {{
    color: {red}; background: {red_bg}; border: 1px solid {red}; border-radius: {px3}; padding: {px3} {px6};
}}
QLabel[pill="amber"] {{
    color: {amber}; background: {amber_bg}; border: 1px solid {amber}; border-radius: {px3}; padding: 0 {px5};
    font-weight: 600;
}}

QFrame[panel="true"] {{ background: {bg1}; border: 1px solid {line}; }}
QFrame[card="true"] {{ background: {bg1}; border: 1px solid {line}; border-radius: {px6}; }}
QFrame[drop="true"] {{ background: {bg1}; border: 1px dashed {line2}; border-radius: {px8}; }}
QFrame#desk {{ background: {bg0}; border: {px3} solid {bg0}; }}
QFrame#desk[what_if="true"] {{ border-color: {red_fill}; }}
QFrame#what_if_banner {{ background: {red_fill}; border: 0; }}
QFrame#what_if_banner QLabel {{ color: {red_fg}; }}
QFrame#what_if_banner QPushButton {{ background: {red_fill}; color: {red_fg}; border-color: {red_fg}; }}
QFrame#what_if_banner QPushButton:focus {{ background: {red_fg}; color: {red_fill}; }}
QFrame#notices {{ background: {bg1}; border: 1px solid {red}; }}
QFrame#notices[good="true"] {{ border-color: {accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMessageBox {{ messagebox-text-interaction-flags: 5; }}
"""
