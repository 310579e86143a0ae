"""A text as a vector, without a model: words and their trigrams, each hashed to a dimension and a sign.

Counts are whole numbers and stay unnormalised, for cosine distance does not look at length.
`python -m app.embedding TEXT` prints the literal that a migration can hold.
"""

import re
import sys
import zlib
from typing import Iterator, List

DIMENSIONS = 64
WORD_WEIGHT = 2


def embed(text: str) -> List[int]:
    vector = [0] * DIMENSIONS
    for word in re.findall(r"\w+", text.casefold()):
        add(vector, word, WORD_WEIGHT)
        for trigram in trigrams(f" {word} "):
            add(vector, trigram, 1)
    # Cosine distance is undefined for the zero vector.
    return vector if any(vector) else [1, *vector[1:]]


def trigrams(text: str) -> Iterator[str]:
    return (text[start : start + 3] for start in range(len(text) - 2))


def add(vector: List[int], feature: str, weight: int) -> None:
    # zlib's CRC, since Python's own hash() differs from process to process.
    number = zlib.crc32(feature.encode("utf-8"))
    vector[(number >> 1) % DIMENSIONS] += weight if number & 1 else -weight


def literal(text: str) -> str:
    """The embedding as pgvector reads it: [1,0,-2,…]."""
    return "[" + ",".join(map(str, embed(text))) + "]"


if __name__ == "__main__":
    print(literal(" ".join(sys.argv[1:])))
