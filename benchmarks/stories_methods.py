"""What is offered elsewhere for near-duplicates, a few lines each, and ours, with one interface.

Each is told texts with `add` and answers `find` with the numbers of those it takes for copies.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.stories.copies import Written, compare_texts
from monitor.stories.fingerprint import make_fingerprint, make_shingles, split_tokens


def weigh_words(texts: list[str]) -> Callable[[str], dict[str, float]]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(split_tokens(text)))

    def weigh(text: str) -> dict[str, float]:
        found = Counter(split_tokens(text))
        weights = {
            word: (1 + math.log(times)) * math.log((1 + len(texts)) / (1 + counts[word]))
            for word, times in found.items()
        }
        norm = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        return {word: value / norm for word, value in weights.items()}

    return weigh


def cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(value * other[word] for word, value in one.items() if word in other)


def hash64(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass
class SimHash:
    """64 bits, a Hamming distance of 3 at most; every stored one is looked at."""

    stored: list[int] = field(default_factory=list)

    def make(self, text: str) -> int:
        """Return what a text is known by."""
        sums = [0] * 64
        for token in split_tokens(text):
            value = hash64(token)
            for bit in range(64):
                sums[bit] += 1 if value >> bit & 1 else -1
        return sum(1 << bit for bit in range(64) if sums[bit] > 0)

    def add(self, text: str) -> None:
        """Store a text."""
        self.stored.append(self.make(text))

    def find(self, text: str) -> set[int]:
        """Return the numbers of the stored texts that are taken for copies."""
        value = self.make(text)
        return {n for n, other in enumerate(self.stored) if (value ^ other).bit_count() <= 3}


@dataclass
class MinHashLsh:
    """25 bands of 5 minima over shingles of 4 words."""

    bands: list[dict[tuple[int, ...], list[int]]] = field(
        default_factory=lambda: [defaultdict(list) for _ in range(25)]
    )
    size: int = 0

    def make(self, text: str) -> list[tuple[int, ...]]:
        """Return what a text is known by."""
        dice = random.Random(1)
        prime = (1 << 61) - 1
        salts = [(dice.randrange(1, prime), dice.randrange(prime)) for _ in range(125)]
        shingles = [hash64(each) for each in set(make_shingles(split_tokens(text)))]
        minima = [min((a * each + b) % prime for each in shingles) for a, b in salts]
        return [tuple(minima[5 * band : 5 * band + 5]) for band in range(25)]

    def add(self, text: str) -> None:
        """Store a text."""
        for table, band in zip(self.bands, self.make(text), strict=True):
            table[band].append(self.size)
        self.size += 1

    def find(self, text: str) -> set[int]:
        """Return the numbers of the stored texts that are taken for copies."""
        return {
            number
            for table, band in zip(self.bands, self.make(text), strict=True)
            for number in table.get(band, ())
        }


@dataclass
class Cosine:
    """TF-IDF over words, cosine of .6, with an inverted index."""

    weigh: Callable[[str], dict[str, float]]
    stored: list[dict[str, float]] = field(default_factory=list)
    index: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, text: str) -> None:
        """Store a text."""
        for word in (weights := self.weigh(text)):
            self.index[word].append(len(self.stored))
        self.stored.append(weights)

    def find(self, text: str) -> set[int]:
        """Return the numbers of the stored texts that are taken for copies."""
        sums: defaultdict[int, float] = defaultdict(float)
        for word, value in self.weigh(text).items():
            for number in self.index.get(word, ()):
                sums[number] += value * self.stored[number][word]
        return {number for number, total in sums.items() if total >= 0.6}


@dataclass
class Ours:
    """FracMinHash for candidates, then the texts themselves: containment and contradictions."""

    stored: list[str] = field(default_factory=list)
    index: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, text: str) -> None:
        """Store a text."""
        for value in make_fingerprint("", text).hashes:
            self.index[value].append(len(self.stored))
        self.stored.append(text)

    def find(self, text: str) -> set[int]:
        """Return the numbers of the stored texts that are taken for copies."""
        shared = Counter(
            number
            for value in make_fingerprint("", text).hashes
            for number in self.index.get(value, ())
        )
        return {
            number
            for number, count in shared.most_common(5)
            if count >= 3
            and compare_texts(
                Written(title="", text=text), Written(title="", text=self.stored[number])
            ).is_copy
        }
