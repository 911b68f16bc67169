"""Lists of pairs that may come closer than a cutoff, before the list is made anew.

``lists`` is (first_n, j_p, shift_pc, pos_nc, box, reaches, most, near_p): the
candidates of atom i are those from first_n[i] to first_n[i + 1], at pos[j] + shift;
they were listed at the positions pos_nc. ``box`` is (cell_cc, inverse_cc, images_c,
periodic_c). The list reaches ``reaches[0]`` beyond what the repulsion needs,
``reaches[1]`` beyond what the entropy needs, and ``reaches[2]`` in all. Arrays have
room for ``most`` candidates of each atom and one more; 0 says that the cell is too
large for the search here, which looks at every pair. From first_n[i] on, near_p holds
those within the cutoff of the descriptor, as ``repel.py`` finds them at each step.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel

__all__ = ['list_is_good']


@inner_kernel
def _moved_too_far(pos_nc, list_pos_nc, reach):
    """Return whether a pair may have come closer than the list knows."""
    for i in range(len(pos_nc)):
        d2 = 0.0
        for c in range(3):
            d2 += (pos_nc[i, c] - list_pos_nc[i, c]) ** 2
        if not d2 <= 0.25 * reach * reach:
            return True
    return False


@inner_kernel
def _cells_apart(x, y, z, box):
    """Return the translations along the cell that about undo a vector."""
    _, inv_cc, _, periodic_c = box
    a = x * inv_cc[0, 0] + y * inv_cc[1, 0] + z * inv_cc[2, 0]
    b = x * inv_cc[0, 1] + y * inv_cc[1, 1] + z * inv_cc[2, 1]
    c = x * inv_cc[0, 2] + y * inv_cc[1, 2] + z * inv_cc[2, 2]
    return (
        -np.floor(a + 0.5) * periodic_c[0],
        -np.floor(b + 0.5) * periodic_c[1],
        -np.floor(c + 0.5) * periodic_c[2],
    )


@inner_kernel
def _add_images(i, j, pos_nc, lists, count):
    """List the images of atom j close to atom i; return how many are listed now."""
    _, j_p, shift_pc, _, box, reaches, _, _ = lists
    cell_cc, _, images_c, _ = box
    x, y, z = (
        pos_nc[j, 0] - pos_nc[i, 0],
        pos_nc[j, 1] - pos_nc[i, 1],
        pos_nc[j, 2] - pos_nc[i, 2],
    )
    near_a, near_b, near_c = _cells_apart(x, y, z, box)
    farthest2 = reaches[2] * reaches[2]
    for a in range(-images_c[0], images_c[0] + 1):
        for b in range(-images_c[1], images_c[1] + 1):
            for c in range(-images_c[2], images_c[2] + 1):
                s_a, s_b, s_c = near_a + a, near_b + b, near_c + c
                s_x = s_a * cell_cc[0, 0] + s_b * cell_cc[1, 0] + s_c * cell_cc[2, 0]
                s_y = s_a * cell_cc[0, 1] + s_b * cell_cc[1, 1] + s_c * cell_cc[2, 1]
                s_z = s_a * cell_cc[0, 2] + s_b * cell_cc[1, 2] + s_c * cell_cc[2, 2]
                d2 = (x + s_x) ** 2 + (y + s_y) ** 2 + (z + s_z) ** 2
                itself = i == j and a == 0 and b == 0 and c == 0
                if d2 < farthest2 and not itself and count < len(j_p):
                    j_p[count] = j
                    shift_pc[count, 0] = s_x
                    shift_pc[count, 1] = s_y
                    shift_pc[count, 2] = s_z
                    count += 1
    return count


@inner_kernel
def list_is_good(pos_nc, lists, with_entropy):
    """Bring the list up to date; False where that has to be done in Python."""
    first_n, _, _, list_pos_nc, _, reaches, most, _ = lists
    if not _moved_too_far(pos_nc, list_pos_nc, reaches[int(with_entropy)]):
        return True
    if most == 0:
        return False
    first_n[0] = 0
    for i in range(len(pos_nc)):
        count = first_n[i]
        for j in range(len(pos_nc)):
            count = _add_images(i, j, pos_nc, lists, count)
            if count - first_n[i] > most:
                return False
        first_n[i + 1] = count
    for i in range(len(pos_nc)):
        for c in range(3):
            list_pos_nc[i, c] = pos_nc[i, c]
    return True
