"""crypt(3) of the system: python's own module ended with 3.12."""

import ctypes

_crypt = ctypes.CDLL("libcrypt.so.1").crypt
_crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
_crypt.restype = ctypes.c_char_p


def crypt(password, setting):
    """The stored hash of password, or None where the setting is refused."""
    hashed = _crypt(password.encode(), setting.encode())
    if hashed is None or hashed.startswith(b"*"):
        return None
    return hashed.decode()
