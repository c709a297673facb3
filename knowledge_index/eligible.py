"""Which entries may be shown to whom, where and when: decided at every query, never left to a rebuild."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge_index.entry import Entry

Mask = NDArray[np.bool_]


class Eligibility:
    """Masks over a list of entries and the shadows behind it, by position; shadows are never shown."""

    def __init__(self, entries: Sequence[Entry], shadows: Sequence[Entry] = ()) -> None:
        real = len(entries)
        entries = [*entries, *shadows]
        self._real = np.arange(len(entries)) < real
        self._ids = [entry.id for entry in entries]
        self._from = np.array([(e.effective_from or date.min).toordinal() for e in entries], dtype=np.int64)
        self._until = np.array([(e.expires or date.max).toordinal() for e in entries], dtype=np.int64)
        self._for_citizens = np.array([e.audience != "enterprise" for e in entries], dtype=bool)
        self.enterprise = np.array([e.audience != "citizen" for e in entries], dtype=bool)
        self._whole_city = np.array([not e.districts for e in entries], dtype=bool)
        self._districts = {
            code: np.array([code in e.districts for e in entries], dtype=bool) for e in entries for code in e.districts
        }
        self._live = self._real
        self.withdrawn: frozenset[str] = frozenset()

    def withdraw(self, entry_ids: set[str]) -> None:
        self.withdrawn = frozenset(entry_ids)
        kept = np.array([entry_id not in self.withdrawn for entry_id in self._ids], dtype=bool)
        self._live = self._real & kept

    def mask(self, audience: str | None, district: str | None, day: date) -> Mask:
        """True where an entry may be shown. Without a district every entry's place is right."""
        today = day.toordinal()
        shown: Mask = self._live & (self._from <= today) & (today <= self._until)
        if audience == "citizen":
            shown &= self._for_citizens
        if district is not None:
            shown &= self._whole_city | self._districts.get(district, False)
        return shown
