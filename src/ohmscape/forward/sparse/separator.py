"""Small separators: sets of vertices without which a graph falls into two parts of similar size.

Multilevel: the graph is coarsened, the coarsest one cut across its axes, and the cut carried back
level by level. On each level it is improved by the moves of Fiduccia and Mattheyses, here for
separators (Ashcraft and Liu, 1997): a vertex goes from the separator to one side and pulls its
neighbours on the other side in. Moves that make it worse are tried too, and taken back if nothing
better follows.
"""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.forward.sparse.graph import NOBODY, contract, match
from ohmscape.kernels import inner_kernel

BETWEEN = 2  #: label of the separator; the sides are 0 and 1
COARSEST = 100  #: a graph with no more vertices is cut as it is
SHRINK = 0.85  #: coarsening that leaves more than this is not worth it
LARGEST = 0.62  #: part of the weight that one side may have
PATIENCE = 150  #: moves without success after which a pass ends, in a large graph
PASSES = 6  #: at most on one level


@inner_kernel
def separate(
    pointer: Integers, adjacent: Integers, edges: Integers, size: Integers, place: Floats
) -> Integers:
    """Return a label of each vertex: 0 or 1 for its side, or `BETWEEN`."""
    levels = [(pointer, adjacent, edges, size, place)]
    joined = [size]  # which coarser vertex each vertex of the next level went to
    limit = 1 + 2 * size.sum() // COARSEST
    while len(size) > COARSEST:
        coarse, n_coarse = match(pointer, adjacent, edges, size, limit)
        if n_coarse > SHRINK * len(size):
            break
        pointer, adjacent, edges, size, place = contract(
            pointer, adjacent, edges, size, place, coarse, n_coarse
        )
        levels.append((pointer, adjacent, edges, size, place))
        joined.append(coarse)
    best, best_score = size, np.inf
    last = len(levels) - 1
    n_axes = place.shape[1]
    # The coarsest graph is cut across each axis and refined; each finer one refines once. Last,
    # the finest one is cut as it is, which is best where the mesh has planes of its own.
    n_steps = n_axes + last + (last > 0)
    for step in range(n_steps):
        level = min(last, max(0, last - 1 - (step - n_axes)))
        pointer, adjacent, edges, size, place = levels[level]
        finer = n_axes <= step < n_axes + last
        if finer:
            label = best[joined[level + 1]]
        else:
            axis = step if step < n_axes else _longest(place)
            label = _cut(pointer, adjacent, size, place[:, axis])
        _refine(pointer, adjacent, size, label)
        score = _score(_weights(size, label))
        if finer or score < best_score:
            best, best_score = label, score
    return best


@inner_kernel
def _longest(place: Floats) -> int:
    """Return the axis along which the vertices spread most."""
    longest, spread = 0, -1.0
    for axis in range(place.shape[1]):
        extent = place[:, axis].max() - place[:, axis].min()
        if extent > spread:
            longest, spread = axis, extent
    return longest


@inner_kernel
def _cut(pointer: Integers, adjacent: Integers, size: Integers, along: Floats) -> Integers:
    """Return the labels of a cut across one axis into parts of equal weight."""
    n = len(size)
    label = np.ones(n, np.int64)
    half = size.sum() / 2
    weight = 0
    for v in np.argsort(along):
        weight += size[v]
        if weight > half:
            break
        label[v] = 0
    for v in range(n):
        if label[v] == 1:
            for t in range(pointer[v], pointer[v + 1]):
                if label[adjacent[t]] == 0:
                    label[v] = BETWEEN
                    break
    return label


@inner_kernel
def _weights(size: Integers, label: Integers) -> Integers:
    weights = np.zeros(3, np.int64)
    for v in range(len(size)):
        weights[label[v]] += size[v]
    return weights


@inner_kernel
def _score(weights: Integers) -> float:
    """Rate a separator; small and between equal sides is best."""
    score: float = (weights[BETWEEN] + 1e-3) / (weights[0] * weights[1] + 1e-9)
    return score


@inner_kernel
def _refine(pointer: Integers, adjacent: Integers, size: Integers, label: Integers) -> None:
    """Improve a separator in place, pass by pass."""
    n = len(size)
    gain, where = np.empty((2, n), np.int64), np.full((2, n), NOBODY, np.int64)
    heap, count = np.empty((2, n), np.int64), np.zeros(2, np.int64)
    moved = np.zeros(n, np.int64)
    log, log_label = np.empty(2 * n + 1, np.int64), np.empty(2 * n + 1, np.int64)
    weights = _weights(size, label)
    patience = min(PATIENCE, 4 + n // 16)
    largest = int(LARGEST * size.sum())
    for number in range(1, PASSES + 1):
        count[:] = 0
        for v in range(n):
            if label[v] == BETWEEN:
                _enter(pointer, adjacent, size, label, v, gain, heap, where, count)
        score = best = _score(weights)
        n_log, best_log, idle = 0, 0, 0
        while idle < patience and n_log + pointer[n] // n < len(log):
            side = _side(size, weights, gain, heap, count, largest)
            if side == NOBODY:
                break
            v = heap[side, 0]
            n_log = _move(
                pointer, adjacent, size, label, v, side, weights, moved, number,
                gain, heap, where, count, log, log_label, n_log,
            )  # fmt: skip
            idle += 1
            now = _score(weights)
            if now < best:
                best, best_log, idle = now, n_log, 0
        for i in range(n_log - 1, best_log - 1, -1):
            weights[label[log[i]]] -= size[log[i]]
            label[log[i]] = log_label[i]
            weights[log_label[i]] += size[log[i]]
        for side in range(2):
            for i in range(count[side]):
                where[side, heap[side, i]] = NOBODY
        if not best < score:
            break


@inner_kernel
def _side(
    size: Integers, weights: Integers, gain: Integers, heap: Integers, count: Integers, largest: int
) -> int:
    """Return the side to which the next vertex goes: the greater gain, or the lighter side."""
    best = NOBODY
    for side in range(2):
        if count[side] == 0:
            continue
        v = heap[side, 0]
        if weights[side] + size[v] > largest and weights[side] >= weights[1 - side]:
            continue
        if best == NOBODY:
            best = side
        else:
            other = gain[best, heap[best, 0]]
            if gain[side, v] > other or (gain[side, v] == other and weights[side] < weights[best]):
                best = side
    return best


@inner_kernel
def _enter(
    pointer: Integers,
    adjacent: Integers,
    size: Integers,
    label: Integers,
    v: int,
    gain: Integers,
    heap: Integers,
    where: Integers,
    count: Integers,
) -> None:
    """Put a vertex of the separator in both queues, with what moving it would gain."""
    gain[0, v] = size[v]
    gain[1, v] = size[v]
    for t in range(pointer[v], pointer[v + 1]):
        u = adjacent[t]
        if label[u] != BETWEEN:
            gain[1 - label[u], v] -= size[u]
    for side in range(2):
        i = count[side]
        heap[side, i] = v
        where[side, v] = i
        count[side] += 1
        _sift(heap[side], where[side], gain[side], count[side], i)


@inner_kernel
def _leave(gain: Integers, heap: Integers, where: Integers, count: Integers, v: int) -> None:
    """Take a vertex out of both queues."""
    for side in range(2):
        i = where[side, v]
        if i == NOBODY:
            continue
        where[side, v] = NOBODY
        count[side] -= 1
        if i < count[side]:
            last = heap[side, count[side]]
            heap[side, i] = last
            where[side, last] = i
            _sift(heap[side], where[side], gain[side], count[side], i)


@inner_kernel
def _sift(heap: Integers, where: Integers, gain: Integers, count: int, i: int) -> None:
    """Restore the order of a heap, greatest gain first, where entry i is out of place."""
    v = heap[i]
    while i > 0:
        up = (i - 1) // 2
        if gain[heap[up]] >= gain[v]:
            break
        heap[i] = heap[up]
        where[heap[i]] = i
        i = up
    while True:
        down = 2 * i + 1
        if down >= count:
            break
        if down + 1 < count and gain[heap[down + 1]] > gain[heap[down]]:
            down += 1
        if gain[heap[down]] <= gain[v]:
            break
        heap[i] = heap[down]
        where[heap[i]] = i
        i = down
    heap[i] = v
    where[v] = i


@inner_kernel
def _move(
    pointer: Integers,
    adjacent: Integers,
    size: Integers,
    label: Integers,
    v: int,
    side: int,
    weights: Integers,
    moved: Integers,
    number: int,
    gain: Integers,
    heap: Integers,
    where: Integers,
    count: Integers,
    log: Integers,
    log_label: Integers,
    n_log: int,
) -> int:
    """Move a vertex from the separator to a side, pull neighbours in, keep gains up to date."""
    other = 1 - side
    _leave(gain, heap, where, count, v)
    moved[v] = number
    label[v] = side
    weights[BETWEEN] -= size[v]
    weights[side] += size[v]
    log[n_log], log_label[n_log] = v, BETWEEN
    n_log += 1
    for t in range(pointer[v], pointer[v + 1]):
        u = adjacent[t]
        if label[u] == BETWEEN:
            _change(gain, heap, where, count, other, u, -size[v])
        elif label[u] == other:
            label[u] = BETWEEN
            weights[other] -= size[u]
            weights[BETWEEN] += size[u]
            log[n_log], log_label[n_log] = u, other
            n_log += 1
            for s in range(pointer[u], pointer[u + 1]):
                x = adjacent[s]
                if label[x] == BETWEEN and x != u:
                    _change(gain, heap, where, count, side, x, size[u])
            if moved[u] != number:
                _enter(pointer, adjacent, size, label, u, gain, heap, where, count)
    return n_log


@inner_kernel
def _change(
    gain: Integers, heap: Integers, where: Integers, count: Integers, side: int, v: int, by: int
) -> None:
    if where[side, v] != NOBODY:
        gain[side, v] += by
        _sift(heap[side], where[side], gain[side], count[side], where[side, v])
