r"""How readings in three dimensions change with the conductivity of groups of cells.

The resistance of a reading changes with the logarithm of a cell's resistivity by
:math:`\sigma_c\,(u_A - u_B)' K_c\,(u_M - u_N)`, u the fields of the electrodes at the cell's nodes
(Geselowitz, 1971). With ``K = L L'`` it is a product of two short vectors, ``L'(u_A - u_B)`` and
``L'(u_M - u_N)``. For a group those of its cells stand side by side: one row for each electrode,
and each reading takes four rows, while they are in the cache.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Integers
from ohmscape.forward.tetrahedra import NODES, Elements
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel, summing_kernel

LANES = 16  #: numbers that a row is a multiple of
CACHE = 1 << 18  #: bytes of rows at a time
SHARES = 16  #: per thread, so that a disturbed thread does not keep the others waiting


def energies(
    elements: Elements,
    fields: NDArray[Any],
    conductivity: NDArray[np.float64],
    group_pointer: Integers,
    group_cells: Integers,
    abmn: Integers,
    row_factor: NDArray[np.float64],
    threads: int,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return d resistance / d ln(resistivity) of groups of cells, times `row_factor`.

    Parameters
    ----------
    elements : Elements
    fields : array, shape (n_nodes, n_electrodes)
        Potentials of the electrodes in V/A.
    conductivity : array, shape (n_cells,)
        S/m.
    group_pointer : array of int, shape (n_groups + 1,)
        Where the cells of each group begin in `group_cells`; groups may be empty.
    group_cells : array of int
        Cells of the groups.
    abmn : array of int, shape (n_data, 4)
        Electrodes of each reading, or -1 for one at infinity.
    row_factor : array, shape (n_data,)
    threads : int
    out : array, shape (n_groups, n_data), optional
        C-ordered memory for the answer.

    Returns
    -------
    array, shape (n_groups, n_data)
        In the precision of the fields.
    """
    dtype = fields.dtype
    n_groups, n_data, n_electrodes = len(group_pointer) - 1, len(abmn), fields.shape[1]
    if out is None:
        out = np.empty((n_groups, n_data), dtype)
    some = max(1, CACHE // (n_electrodes + 1) // dtype.itemsize // NODES)
    order = np.lexsort(abmn.T[::-1])  # neighbours share electrodes
    rows = np.ascontiguousarray(np.where(abmn < 0, n_electrodes, abmn)[order])
    given = (
        np.ascontiguousarray(group_pointer, np.int64),
        np.ascontiguousarray(group_cells, np.int64),
        elements.order,
        elements.rank,
        elements.roots,
        np.ascontiguousarray(fields),
        np.ascontiguousarray(conductivity, np.float64),
        rows,
        order,
        np.ascontiguousarray(row_factor, dtype),
    )
    shares = max(1, min(n_groups, SHARES * threads))
    cuts = np.searchsorted(group_pointer, np.linspace(0, len(group_cells), shares + 1)[1:-1])
    cuts = np.concatenate([[0], cuts, [n_groups]])

    def work_on(share: int) -> None:
        _energies(int(cuts[share]), int(cuts[share + 1]), some, *given, out)

    in_threads(work_on, shares, threads)
    return out


@kernel
def _energies(
    begin: int,
    end: int,
    some: int,
    pointer: Integers,
    cells: Integers,
    order: Integers,
    rank: Integers,
    roots: NDArray[np.float64],
    fields: NDArray[Any],
    conductivity: NDArray[np.float64],
    abmn: Integers,
    place: Integers,
    row_factor: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Fill rows `begin` to `end` of `out`, up to `some` cells at a time."""
    n = fields.shape[1]
    rows = np.zeros((n + 1, (some * NODES // LANES + 2) * LANES), fields.dtype)
    root = np.zeros((NODES, LANES), fields.dtype)
    for p in range(begin, end):
        out[p] = 0
        at = pointer[p]
        while at < pointer[p + 1]:
            until = min(at + some, pointer[p + 1])
            wide = 0
            for t in range(at, until):
                c = cells[t]
                _unpack(roots[c], np.sqrt(conductivity[c]), root)
                _rotate(order[c], root, fields, rows, wide)
                wide += rank[c]
            full = -(-wide // LANES) * LANES
            for e in range(n):
                for k in range(wide, full):
                    rows[e, k] = 0
            for d in range(len(abmn)):
                i = place[d]
                out[p, i] += row_factor[i] * _product(
                    rows[abmn[d, 0]],
                    rows[abmn[d, 1]],
                    rows[abmn[d, 2]],
                    rows[abmn[d, 3]],
                    full,
                )
            at = until


@inner_kernel
def _unpack(packed: NDArray[np.float64], scale: float, root: NDArray[Any]) -> None:
    k = 0
    for i in range(NODES):
        for j in range(i + 1):
            root[i, j] = scale * packed[k]
            k += 1


@inner_kernel
def _rotate(
    nodes: Integers, root: NDArray[Any], fields: NDArray[Any], rows: NDArray[Any], at: int
) -> None:
    """Write ``L' u`` of a cell into the rows of all electrodes; `LANES` numbers, zeros behind."""
    f0, f1, f2, f3 = fields[nodes[0]], fields[nodes[1]], fields[nodes[2]], fields[nodes[3]]
    f4, f5, f6, f7 = fields[nodes[4]], fields[nodes[5]], fields[nodes[6]], fields[nodes[7]]
    f8, f9 = fields[nodes[8]], fields[nodes[9]]
    for e in range(fields.shape[1]):
        u0, u1, u2, u3, u4 = f0[e], f1[e], f2[e], f3[e], f4[e]
        u5, u6, u7, u8, u9 = f5[e], f6[e], f7[e], f8[e], f9[e]
        for k in range(LANES):
            rows[e, at + k] = (
                (root[0, k] * u0 + root[1, k] * u1)
                + (root[2, k] * u2 + root[3, k] * u3)
                + (root[4, k] * u4 + root[5, k] * u5)
                + (root[6, k] * u6 + root[7, k] * u7)
                + (root[8, k] * u8 + root[9, k] * u9)
            )


@summing_kernel
def _product(a: NDArray[Any], b: NDArray[Any], m: NDArray[Any], n: NDArray[Any], wide: int) -> Any:
    """Return ``(a - b) . (m - n)``."""
    total = a[0] - a[0]  # 0 in their precision
    for k in range(wide):
        total += (a[k] - b[k]) * (m[k] - n[k])
    return total
