"""Colours, type and sizes: the tokens of the design, and nothing about any particular screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from typing import cast

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

# Colours (design, "Tokens"). Red, yellow and cyan belong to alarms and to nothing else.
BACKGROUND = "#0B0F14"
PANEL = "#121820"
HAIRLINE = "#1E2732"
RAISED = "#1A222C"
"""A control on a panel."""
LIT = "#2B3743"
"""A control that is on: a running episode, the chosen chip."""
TEXT = "#E6EDF3"
SECONDARY = "#8B949E"
ON_LIT = "#A9B4BF"
"""Secondary text on a lit control."""
SPO2 = "#56B4E9"
PULSE = "#4ADE80"
PRESSURE = "#CC79A7"
DOSE = "#E69F00"


@dataclass(frozen=True)
class AlarmLook:
    """How a priority looks: text on ground. `flash_hz` is the banner's; 0 is steady."""

    ground: str
    text: str
    flash_hz: float
    calm: str
    """The ground of the other half of a flash: still legible, still the same hue."""


# --- the room view: amber on near-black (design, "Tokens") ------------------------------------------

_ROOM = {
    BACKGROUND: "#080A0D", PANEL: "#0F1114", HAIRLINE: "#1E1C18", RAISED: "#101215", LIT: "#241D10",
    TEXT: "#B98A3A", SECONDARY: "#9A8257", ON_LIT: "#A98D55",
    SPO2: "#B98A3A", PULSE: "#B98A3A", PRESSURE: "#B98A3A", DOSE: "#B98A3A", "#B9C4CE": "#9A8257",
}  # fmt: skip
"""What each colour of the full view is there. Those of alarms stay as they are."""
_GROUNDS = (BACKGROUND, PANEL, HAIRLINE, RAISED, LIT)
DIMMEST = 0.9
"""How far the slider dims: text keeps a contrast of 4.5 on its own ground."""

Colours = Mapping[str, str]
"""From a colour of the full view to the one that is shown; empty: as it is."""


def room_colours(brightness: float) -> Colours:
    """The room view's colours at a brightness from 0 to 1; 0 is DIMMEST, on grounds nearly black."""
    part = DIMMEST + (1 - DIMMEST) * min(1.0, max(0.0, brightness))
    grounds = 0.4 + 0.6 * min(1.0, max(0.0, brightness))
    return {full: _dimmed(shown, grounds if full in _GROUNDS else part) for full, shown in _ROOM.items()}


def _dimmed(colour: str, part: float) -> str:
    rgb = QColor(colour)
    return QColor(*(round(part * channel) for channel in (rgb.red(), rgb.green(), rgb.blue()))).name()


_seen: Colours = {}
"""Those of the widget that is being painted; painting is one widget at a time, on one thread."""


@contextmanager
def seen_on(widget: QWidget) -> Iterator[None]:
    """While `widget` is painted, `seen` gives the colours of the screen it stands on."""
    global _seen
    before, _seen = _seen, colours_of(widget)
    try:
        yield
    finally:
        _seen = before


def seen(colour: str) -> str:
    """A colour as it is shown on the widget that is being painted."""
    return _seen.get(colour, colour)


def colours_of(widget: QWidget) -> Colours:
    """Those of the nearest ancestor that has `colours`; none for the full view."""
    at: QWidget | None = widget
    while at is not None:
        if (found := getattr(at, "colours", None)) is not None:
            return cast(Colours, found)
        at = at.parentWidget()
    return {}


def dressed(sheet: str, colours: Colours) -> str:
    """A style sheet in other colours."""
    for full, shown in colours.items():
        sheet = sheet.replace(full, shown)
    return sheet


# Flash rates: below three per second (design, "Tokens").
ALARMS = {
    "high": AlarmLook("#D00000", "#FFFFFF", 2.0, "#7A0000"),
    "medium": AlarmLook("#FFD400", "#000000", 0.6, "#B89900"),
    "low": AlarmLook("#00E5FF", "#000000", 0.0, "#00E5FF"),
}

# What is written on what; the contrast of each is tested to be 4.5 or more.
PAIRS: tuple[tuple[str, str], ...] = (
    *(
        (text, ground)
        for text in (TEXT, SECONDARY, SPO2, PULSE, PRESSURE, DOSE)
        for ground in (BACKGROUND, PANEL)
    ),
    (TEXT, RAISED),
    (SECONDARY, RAISED),
    (TEXT, LIT),
    (ON_LIT, LIT),
    (BACKGROUND, TEXT),
    *((look.text, ground) for look in ALARMS.values() for ground in (look.ground, look.calm)),
)


def contrast(text: str, ground: str) -> float:
    """Contrast ratio of two colours by WCAG 2, 1 to 21."""
    lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    rgb, linear = QColor(colour), []
    for channel in (rgb.redF(), rgb.greenF(), rgb.blueF()):
        linear.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# --- type ---------------------------------------------------------------------------------

FAMILY = "Inter"
CAP_HEIGHT = 0.727
"""Height of Inter's capitals and digits, in em (the font's own tables: 1490/2048)."""


@cache
def load_fonts() -> str:
    """Load the bundled fonts; returns the family to use, the system's own where there are none."""
    for file in files("ui.fonts").iterdir():
        if file.name.endswith((".ttf", ".otf")):
            QFontDatabase.addApplicationFontFromData(file.read_bytes())
    return FAMILY if FAMILY in QFontDatabase.families() else QApplication.font().family()


REGULAR, MEDIUM, SEMIBOLD, BOLD = (
    QFont.Weight.Normal,
    QFont.Weight.Medium,
    QFont.Weight.DemiBold,
    QFont.Weight.Bold,
)


def font(pixels: float, weight: QFont.Weight = REGULAR, *, tight: bool = False) -> QFont:
    """The interface's font with digits of equal width; `tight` for large digits and codes."""
    return _font(max(6, round(pixels)), weight, tight)


@cache
def _font(pixels: int, weight: QFont.Weight, tight: bool) -> QFont:
    made = QFont(load_fonts())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tight:
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 97.5)
    return made


# --- sizes --------------------------------------------------------------------------------

DESIGN_WIDTH, DESIGN_HEIGHT = 1600, 1000
"""Sizes in the screens' code are pixels of this window."""
DESIGN_SCREEN_MM = 179.0
"""Height of a 13.3 inch screen of 16:10: what DESIGN_HEIGHT pixels stand for."""
PX_PER_MM = DESIGN_HEIGHT / DESIGN_SCREEN_MM
TOUCH_PRIMARY = round(15 * PX_PER_MM)
TOUCH = round(10 * PX_PER_MM)
LEAST_SCALE = 0.6


@dataclass(frozen=True)
class Scale:
    """Design pixels to pixels of a window of `width` × `height`."""

    factor: float = 1.0

    @classmethod
    def of(cls, width: int, height: int) -> Scale:
        """The scale at which the whole design fits into the window."""
        return cls(max(LEAST_SCALE, min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)))

    def px(self, design: float) -> int:
        """`design` pixels in whole pixels of the window."""
        return round(design * self.factor)

    def font(self, design: float, weight: QFont.Weight = REGULAR, *, tight: bool = False) -> QFont:
        """The font whose em is `design` pixels."""
        return font(design * self.factor, weight, tight=tight)

    def font_mm(self, cap_mm: float, weight: QFont.Weight, *, tight: bool = True) -> QFont:
        """The font whose digits are `cap_mm` high when the window fills a 13.3 inch screen."""
        return font(ceil(cap_mm * PX_PER_MM / CAP_HEIGHT * self.factor), weight, tight=tight)


def apply(app: QApplication) -> None:
    """Give the whole application the dark palette, the font and the sheet of its plain controls."""
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, BACKGROUND),
        (QPalette.ColorRole.Base, PANEL),
        (QPalette.ColorRole.AlternateBase, RAISED),
        (QPalette.ColorRole.Button, RAISED),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.PlaceholderText, SECONDARY),
        (QPalette.ColorRole.Highlight, LIT),
        (QPalette.ColorRole.HighlightedText, TEXT),
        (QPalette.ColorRole.ToolTipBase, RAISED),
        (QPalette.ColorRole.ToolTipText, TEXT),
    ):
        palette.setColor(role, QColor(colour))
    app.setStyle("Fusion")
    app.setPalette(palette)
    app.setFont(font(15))
    app.setStyleSheet(controls(Scale()))


def touchable(scale: Scale) -> str:
    """The style sheet of a panel of its own: every control in it is as high as a finger needs."""
    px = scale.px
    return (
        f"QPushButton {{ min-height: {px(TOUCH)}px; }}"
        f"QLineEdit, QComboBox {{ min-height: {px(TOUCH) - px(8)}px; }}"
        f"QCheckBox {{ min-height: {px(TOUCH)}px; spacing: {px(10)}px; }}"
        f"QCheckBox::indicator {{ width: {px(26)}px; height: {px(26)}px; border: 2px solid {SECONDARY};"
        f" border-radius: {px(6)}px; background: {PANEL}; }}"
        f"QCheckBox::indicator:checked {{ background: {TEXT}; border-color: {TEXT}; }}"
        f"QCheckBox:focus {{ color: {TEXT}; border: 1px solid {TEXT}; border-radius: {px(6)}px; }}"
        f"{_slider(scale)}"
        f"{_digit(scale)}"
    )


def _slider(scale: Scale) -> str:
    """A handle that a finger hits."""
    px = scale.px
    return f"""
    QSlider {{ min-height: {px(TOUCH)}px; }}
    QSlider::groove:horizontal {{ background: {LIT}; height: {px(6)}px; border-radius: {px(3)}px; }}
    QSlider::handle:horizontal {{ background: {SECONDARY}; width: {px(26)}px; margin: -{px(20)}px 0;
        border-radius: {px(8)}px; }}
    QSlider::handle:horizontal:focus {{ background: {TEXT}; }}
    """


def _digit(scale: Scale) -> str:
    """A digit of a PIN: a primary control, as high and as wide as a thumb needs."""
    px = scale.px
    size = f"min-height: {px(TOUCH_PRIMARY) - 2}px; min-width: {px(TOUCH_PRIMARY) - 2}px;"
    return f"#digit {{ {size} font-size: {px(26)}px; padding: 0; }}"


def controls(scale: Scale) -> str:
    """The style sheet of buttons, fields and panels at `scale`; looks are chosen by object name."""
    px = scale.px
    return f"""
    QWidget {{ color: {TEXT}; }}
    #tray {{ background: {PANEL}; border: 1px solid {SECONDARY}; border-radius: {px(14)}px; }}
    QMainWindow, #home, #live {{ background: {BACKGROUND}; }}
    QLabel {{ background: transparent; }}
    #panel {{ background: {PANEL}; border: 1px solid {HAIRLINE}; border-radius: {px(14)}px; }}
    #title {{ font-size: {px(30)}px; font-weight: 600; }}
    #heading {{ font-size: {px(18)}px; font-weight: 600; }}
    #secondary {{ color: {SECONDARY}; }}
    #hint {{ font-size: {px(15)}px; }}
    #trouble {{ background: {RAISED}; border: 2px solid {TEXT}; border-radius: {px(10)}px;
        padding: {px(10)}px; }}
    QPushButton {{ background: {RAISED}; border: 1px solid {HAIRLINE}; border-radius: {px(10)}px;
        font-size: {px(15)}px; font-weight: 500; padding: 0 {px(3)}px; min-height: {px(TOUCH) - 2}px; }}
    QPushButton:hover {{ border-color: {SECONDARY}; }}
    QPushButton:pressed, QPushButton:checked {{ background: {LIT}; }}
    QPushButton:checked {{ font-weight: 600; }}
    QPushButton:disabled {{ color: {SECONDARY}; background: {PANEL}; }}
    QPushButton:focus, QLineEdit:focus, QComboBox:focus, QListWidget:focus,
    QPlainTextEdit:focus {{ border: 2px solid {TEXT}; }}
    #outlined, #need {{ background: {BACKGROUND}; border: 1px solid {SECONDARY}; font-weight: 600;
        font-size: {px(14.5)}px; }}
    #need {{ font-size: {px(18)}px; border: 2px solid {TEXT}; }}
    #outlined:pressed, #need:pressed {{ background: {LIT}; }}
    #chip {{ font-size: {px(13.5)}px; padding: 0; }}
    #primary, #emergency {{ background: {TEXT}; color: {BACKGROUND}; border-color: {TEXT};
        font-weight: 700; }}
    #emergency {{ font-size: {px(18)}px; }}
    #primary:disabled {{ background: {RAISED}; color: {SECONDARY}; border-color: {HAIRLINE}; }}
    #primary:pressed, #emergency:pressed {{ background: #B9C4CE; }}
    #primary:focus, #emergency:focus {{ border: 3px solid {SECONDARY}; }}
    #quiet {{ background: transparent; border: none; color: {SECONDARY}; font-size: {px(16)}px; }}
    #quiet:hover {{ color: {TEXT}; }}
    #quiet:focus {{ border: 2px solid {TEXT}; }}
    QLineEdit, QComboBox, QDoubleSpinBox, QListWidget, QPlainTextEdit {{ background: {BACKGROUND};
        border: 1px solid {HAIRLINE};
        border-radius: {px(10)}px; padding: {px(4)}px {px(10)}px; font-size: {px(15)}px;
        selection-background-color: {LIT}; }}
    QComboBox::drop-down {{ border: none; width: {px(28)}px; }}
    QLineEdit, QComboBox {{ min-height: {px(TOUCH) - 2 * px(4) - 2}px; }}
    {_digit(scale)}
    {_slider(scale)}
    """
