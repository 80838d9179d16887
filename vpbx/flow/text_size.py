"""How wide a text will be when drawn: an estimate that leans to the wide side.

Belongs here: widths of characters. Does not belong here: fonts, drawing.
"""

_BY_WIDTH = {
    0.34: "',.IJijl",
    0.40: "-/:;\\f|",
    0.46: '!()[]rt" ',
    0.56: "*_`szLcгзсэ?",
    0.62: "FPTYaekovxyГРТУабвекотухчьяё",
    0.68: "$0123456789EKSbdghnpqu{}ЕЗийлнпрЁ",
    0.73: "ABCRVXZАБВКСХЧЬЭЯдцъ",
    0.78: "DGHNUИЙЛНПм",
    0.82: "&OQwДОЦы",
    0.87: "#+<=>M^~МФЪфю→±×",
    1.00: "ЫжшmщW%@…",
    1.13: "ШЖЩЮ",
}
"""Characters by width, in ems of DejaVu Sans (the font that matplotlib brings), rounded up."""

_WIDTHS = {char: width for width, chars in _BY_WIDTH.items() for char in chars}
_OTHER_EM = 1.0
_BOLD = 1.13


def width_in(text: str, points: float, bold: bool = False) -> float:
    """Width of a line of text in inches, in a font of that size."""
    ems = sum(_WIDTHS.get(char, _OTHER_EM) for char in text)
    return ems * points / 72 * (_BOLD if bold else 1.0)


def height_in(n_lines: int, points: float) -> float:
    """Height of lines of text in inches."""
    return n_lines * points * 1.32 / 72
