"""A QR code as SVG. It is dark on light in every theme, because cameras do not read the opposite."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

# Light modules around the code, as the standard asks for.
QUIET = 4


def qr_svg(text: str, *, label: str) -> SafeString:
    """The label is what a screen reader says instead."""
    drawn: QRCode[object] = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    drawn.add_data(text)
    rows = drawn.get_matrix()
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" '
        'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        '<path fill="#000" d="{squares}"/></svg>',
        size=len(rows),
        label=label,
        squares=squares,
    )
