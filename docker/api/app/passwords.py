"""Passwords as they are kept: scrypt (RFC 7914), with its costs and salt beside the hash, so that costs can be raised."""

import hashlib
import hmac
import os

# 16 MiB and some 50 ms a guess. Raise COST when processors are quicker: older hashes go on working.
COST, BLOCK, PARALLEL = 1 << 14, 8, 1
SALT_BYTES = 16
# scrypt needs 128 * COST * BLOCK bytes, and OpenSSL a little more than its own default allows.
MEMORY_BYTES = 64 << 20


def hash_password(password: str) -> str:
    """scrypt$COST$BLOCK$PARALLEL$SALT$HASH, the last two in hex."""
    salt = os.urandom(SALT_BYTES)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${derive(password, salt, COST, BLOCK, PARALLEL).hex()}"


def is_password(password: str, kept: str) -> bool:
    """Whether this is the password that was hashed so. Takes as long for a wrong one as for the right one."""
    _, cost, block, parallel, salt, expected = kept.split("$")
    derived = derive(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(derived, bytes.fromhex(expected))


def derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    # "surrogatepass", since JSON can hold half a character, and a wrong password is no fault of the server's.
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY_BYTES, dklen=32)
