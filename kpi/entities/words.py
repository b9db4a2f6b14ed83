"""Text kept as numbers: each distinct value once, whatever number of records carry it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.uint32]
NONE = np.uint32(2**32 - 1)
"""The code of a value that is absent."""


class Words:
    """A growing dictionary of texts. A code holds until `compact`, which gives new ones."""

    def __init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self._type = pl.Categorical(pl.Categories.random(physical=pl.UInt32))
        # The library forgets a dictionary that no column refers to; this one stays, and the code 0 stands in for null.
        self._anchor = pl.Series([""], dtype=self._type)
        self.count = 1

    def codes(self, texts: pl.Series) -> Codes:
        """A code for each text (String), `NONE` for null."""
        codes = texts.cast(self._type).to_physical()
        highest = codes.max()
        if isinstance(highest, int):
            self.count = max(self.count, highest + 1)
        found: Codes = codes.fill_null(int(NONE)).to_numpy()
        return found

    def of_list(self, texts: Sequence[str | None]) -> Codes:
        """The codes of texts in a list."""
        return self.codes(pl.Series(texts, dtype=pl.String)).copy()

    def texts(self, codes: Codes) -> pl.Series:
        """The texts (String) of codes, null for `NONE`."""
        if not len(codes) or codes.max() != NONE:
            return pl.Series(codes).cat.to(self._type).cast(pl.String)
        absent = codes == NONE
        known = pl.Series(np.where(absent, np.uint32(0), codes)).cat.to(self._type).cast(pl.String)
        return pl.select(pl.when(~pl.Series(absent)).then(known)).to_series()

    def compact(self, columns: Sequence[Codes]) -> None:
        """Forgets every text that none of `columns` refers to; the codes in them are replaced in place."""
        live = np.unique(np.concatenate([*columns, np.zeros(0, np.uint32)]))
        live = live[live != NONE]
        texts = self.texts(live)
        self._open()
        renewed = self.codes(texts)
        for column in columns:
            present = column != NONE
            column[present] = renewed[np.searchsorted(live, column[present])]
