"""Dense algebra on blocks of 4 x 4 entries, each entry a register of lanes.

All work in place on one flat array w. A block is told by the place of its first entry and the
distance between its rows, both in doubles; entries of a row are `WIDTH` apart. Four rows times two
columns are summed at a time, which is what 16 registers hold.
"""

from ohmscape.core.types import Floats
from ohmscape.forward.lanes import WIDTH, all_above, fill_like, load, square_root, store
from ohmscape.forward.symbolic import BLOCK
from ohmscape.kernels import inner_kernel


@inner_kernel
def subtract_products(
    w: Floats,
    c: int,
    c_stride: int,
    a: int,
    a_stride: int,
    b: int,
    b_stride: int,
    b_step: int,
    depth: int,
) -> None:
    """Subtract from 4 x 4 entries c the products of 4 rows a with 4 rows b, `depth` long."""
    for _ in range(2):
        c1, c2, c3 = c + c_stride, c + 2 * c_stride, c + 3 * c_stride
        s00, s01 = load(w, c), load(w, c + WIDTH)
        s10, s11 = load(w, c1), load(w, c1 + WIDTH)
        s20, s21 = load(w, c2), load(w, c2 + WIDTH)
        s30, s31 = load(w, c3), load(w, c3 + WIDTH)
        p, q = a, b
        for _k in range(depth):
            y0, y1 = load(w, q), load(w, q + b_stride)
            x = load(w, p)
            s00, s01 = s00 - x * y0, s01 - x * y1
            x = load(w, p + a_stride)
            s10, s11 = s10 - x * y0, s11 - x * y1
            x = load(w, p + 2 * a_stride)
            s20, s21 = s20 - x * y0, s21 - x * y1
            x = load(w, p + 3 * a_stride)
            s30, s31 = s30 - x * y0, s31 - x * y1
            p += WIDTH
            q += b_step
        store(w, c, s00)
        store(w, c + WIDTH, s01)
        store(w, c1, s10)
        store(w, c1 + WIDTH, s11)
        store(w, c2, s20)
        store(w, c2 + WIDTH, s21)
        store(w, c3, s30)
        store(w, c3 + WIDTH, s31)
        c += 2 * WIDTH
        b += 2 * b_stride


@inner_kernel
def factorise_block(w: Floats, pivot: int, stride: int) -> bool:
    """Replace a 4 x 4 block by its Cholesky factor with the *reciprocal* of the diagonal."""
    one, zero = fill_like(w, 1.0), fill_like(w, 0.0)
    for i in range(BLOCK):
        row = pivot + i * stride
        for j in range(i + 1):
            other = pivot + j * stride
            x = load(w, row + j * WIDTH)
            for k in range(j):
                x = x - load(w, row + k * WIDTH) * load(w, other + k * WIDTH)
            if i == j:
                if not all_above(x, zero):
                    return False
                x = one / square_root(x)
            else:
                x = x * load(w, other + j * WIDTH)
            store(w, row + j * WIDTH, x)
    return True


@inner_kernel
def solve_right(w: Floats, at: int, pivot: int, stride: int) -> None:
    """Replace 4 x 4 entries X by ``X L^-T`` for the factorised block L."""
    l1, l2, l3 = pivot + stride, pivot + 2 * stride, pivot + 3 * stride
    for _ in range(BLOCK):
        x0 = load(w, at) * load(w, pivot)
        x1 = (load(w, at + WIDTH) - x0 * load(w, l1)) * load(w, l1 + WIDTH)
        x2 = load(w, at + 2 * WIDTH) - x0 * load(w, l2) - x1 * load(w, l2 + WIDTH)
        x2 = x2 * load(w, l2 + 2 * WIDTH)
        x3 = load(w, at + 3 * WIDTH) - x0 * load(w, l3) - x1 * load(w, l3 + WIDTH)
        x3 = (x3 - x2 * load(w, l3 + 2 * WIDTH)) * load(w, l3 + 3 * WIDTH)
        store(w, at, x0)
        store(w, at + WIDTH, x1)
        store(w, at + 2 * WIDTH, x2)
        store(w, at + 3 * WIDTH, x3)
        at += stride


@inner_kernel
def solve_right_back(w: Floats, at: int, pivot: int, stride: int) -> None:
    """Replace 4 x 4 entries X by ``X L^-1`` for the factorised block L."""
    l1, l2, l3 = pivot + stride, pivot + 2 * stride, pivot + 3 * stride
    for _ in range(BLOCK):
        x3 = load(w, at + 3 * WIDTH) * load(w, l3 + 3 * WIDTH)
        x2 = (load(w, at + 2 * WIDTH) - x3 * load(w, l3 + 2 * WIDTH)) * load(w, l2 + 2 * WIDTH)
        x1 = load(w, at + WIDTH) - x3 * load(w, l3 + WIDTH) - x2 * load(w, l2 + WIDTH)
        x1 = x1 * load(w, l1 + WIDTH)
        x0 = load(w, at) - x3 * load(w, l3) - x2 * load(w, l2)
        x0 = (x0 - x1 * load(w, l1)) * load(w, pivot)
        store(w, at, x0)
        store(w, at + WIDTH, x1)
        store(w, at + 2 * WIDTH, x2)
        store(w, at + 3 * WIDTH, x3)
        at += stride
