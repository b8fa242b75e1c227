"""Letters of other alphabets that look like Latin ones, usually copied by mistake."""

from __future__ import annotations

# Cyrillic and Greek letters drawn like Latin ones (the single letters of Unicode's confusables.txt, UTS 39).
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u0501\u04bb\u051b\u051d\u03bf\u03b1\u0443"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405\u0408\u039f\u0391",
    "aeopcxyisjdhqwoay" + "ABEKMHOPCTXISJOA",
)


def latin(text: str) -> str | None:
    """The text with look-alikes replaced by Latin letters; None if it is ASCII already, or still isn't."""
    plain = text.translate(_LOOKALIKES)
    return plain if plain.isascii() and not text.isascii() else None
