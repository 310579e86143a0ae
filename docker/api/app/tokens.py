"""Signed tokens: JSON Web Tokens (RFC 7519) of one kind alone, HMAC with SHA-256, by the standard library."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Optional

LIFETIME_SECONDS = 3600
ISSUER = "agentlab-api"


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


# The one header there is. A token with another (`alg: none`) is none of ours, whatever it says of itself.
HEADER = encode(b'{"alg":"HS256","typ":"JWT"}')


class Tokens:
    def __init__(self, key: str) -> None:
        self.key = key.encode("utf-8")

    def issue(self, user: int) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": str(user), "iat": now, "exp": now + LIFETIME_SECONDS}
        signed = f"{HEADER}.{encode(json.dumps(claims, separators=(',', ':')).encode('utf-8'))}"
        return f"{signed}.{self.sign(signed)}"

    def user(self, token: str) -> Optional[int]:
        """Whose token this is, or None: not signed by us, too old, or no token at all."""
        header, _, rest = token.partition(".")
        payload, _, signature = rest.partition(".")
        # The signature before anything else is read: what a stranger wrote never reaches the parser.
        expected = self.sign(f"{header}.{payload}").encode("ascii")
        if header != HEADER or not hmac.compare_digest(signature.encode("utf-8", "replace"), expected):
            return None
        try:
            claims = json.loads(decode(payload))
            fresh = claims["iss"] == ISSUER and time.time() < claims["exp"]
            return int(claims["sub"]) if fresh else None
        except (binascii.Error, KeyError, TypeError, ValueError):
            return None

    def sign(self, text: str) -> str:
        return encode(hmac.digest(self.key, text.encode("utf-8", "replace"), hashlib.sha256))
