"""MariaDB's ed25519: an Ed25519 signature (RFC 8032) whose secret is the SHA-512 of the password, of any length.

No library signs with a secret that is not 32 bytes long. It takes milliseconds, and its time tells about the password
to nobody who does not share this processor.
"""

import hashlib
from typing import Final

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z."""
_Y: Final = 4 * pow(5, -1, _P) % _P
_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE: Final[Point] = (_X, _Y, 1, _X * _Y % _P)


def sign(password: bytes, challenge: bytes) -> bytes:
    """Sign the server's challenge."""
    secret = hashlib.sha512(password).digest()
    scalar = (int.from_bytes(secret[:32], "little") & ((1 << 254) - 8)) | (1 << 254)
    public = _bytes(_times(scalar, _BASE))
    once = int.from_bytes(hashlib.sha512(secret[32:] + challenge).digest(), "little") % _ORDER
    commitment = _bytes(_times(once, _BASE))
    hashed = int.from_bytes(hashlib.sha512(commitment + public + challenge).digest(), "little") % _ORDER
    return commitment + ((once + hashed * scalar) % _ORDER).to_bytes(32, "little")


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _bytes(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")
