"""Records that take back others, each those of its own lane."""

import numpy as np

from kpi.entities.histories import NULL, Histories, Integers, Mask


def taken_at(histories: Histories, lane: Integers, rows: Integers, takes: Mask) -> Integers:
    """For each of the rows, the time of the next record of `takes` in the same life and lane; NULL without one.

    `lane`: by row of the histories, a number for each lane.
    """
    every = np.union1d(rows, np.flatnonzero(takes))
    order = every[np.lexsort((every, lane[every], histories.life[every]))]
    count = len(order)
    place = np.where(takes[order], np.arange(count), count)
    following = np.append(np.minimum.accumulate(place[::-1])[::-1][1:], count)[:count]
    there = following < count
    taker = order[np.where(there, following, 0)]
    there &= (histories.life[taker] == histories.life[order]) & (lane[taker] == lane[order])
    found = np.full(histories.rows, NULL)
    found[order] = np.where(there, histories.time[taker], NULL)
    return found[rows]
