"""Any function of torch as a descriptor, differentiated by torch."""

import contextlib
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks

__all__ = [
    'PRECISIONS',
    'TorchDescriptor',
    'check_place',
    'differentiable',
    'one_thread',
    'pulled_back',
    'required',
]

PRECISIONS = 'float32', 'float64'


@dataclass(frozen=True)
class TorchDescriptor:
    r"""Descriptor whose derivatives torch works out, by one backward pass.

    With positions and cell vectors strained, :math:`\mathbf r \to \mathbf r
    (1 + \varepsilon)`, the pullback returns the forces :math:`-\partial E/\partial
    \mathbf r_n` and the virial :math:`\partial E/\partial\varepsilon` at
    :math:`\varepsilon = 0`. torch keeps nothing from one call to the next, and works on
    one thread, so that numbers do not depend on the machine's cores.

    For descriptors that are written in torch, or networks of your own; :class:`CHGNet`,
    :class:`SevenNet` and :class:`MACE` are ready-made. A function that sees only pairs
    runs faster as a descriptor of pairs with a pullback of its own.

    Parameters
    ----------
    function : callable
        ``function(positions_nc, cell_cc, numbers_n) -> q_nk``, all of them tensors, in
        Angstrom; a row of `cell_cc` is zero where there is no period. It should not
        depend on where the origin is, and be smooth where atoms come close. For worker
        processes, one that pickle finds by its name.
    cutoff : float
        Distance (Angstrom) beyond which two atoms do not see each other directly.
    size : int
        Number of components.
    dtype : str
        'float64' or 'float32'.
    device : str
        'cpu', 'cuda' or another of torch's.

    Raises
    ------
    ValueError
        A bad parameter, torch or the device missing, a function that returns something
        else than so many components, or that has no gradient.

    Examples
    --------
    >>> def number_of_neighbors(positions_nc, cell_cc, numbers_n):
    ...     r_nn = (positions_nc[:, None] - positions_nc).square().sum(-1)
    ...     return (-r_nn).exp().sum(1, keepdim=True)
    >>> TorchDescriptor(number_of_neighbors, 5.0, 1)  # doctest: +SKIP
    TorchDescriptor(number_of_neighbors, cutoff=5, size=1, float64 on cpu)
    """

    function: Callable
    cutoff: float
    size: int
    dtype: str = 'float64'
    device: str = 'cpu'

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ValueError(f'function={self.function!r}: expected a function')
        checks.real('cutoff', self.cutoff, above=0.0)
        checks.whole('size', self.size, least=1)
        check_place(self.dtype, self.device)

    def __repr__(self) -> str:
        return (
            f'TorchDescriptor({_name(self.function)}, cutoff={self.cutoff:g}, '
            f'size={self.size}, {self.dtype} on {self.device})'
        )

    def evaluate_atoms(self, atoms: Atoms) -> tuple[np.ndarray, Callable]:
        """Return the components of all atoms, and what pulls forces and virial back.

        Returns
        -------
        q_nk : (n, k) float array
            Components.
        pullback : callable
            Maps dE_dq_nk, (n, k), to the forces -dE/dr (eV/Angstrom), (n, 3), and the
            virial dE/d strain (eV), (3, 3).
        """
        torch = required('torch')
        make = differentiable(self.dtype, self.device)
        positions_nc, strain_cc = make(atoms.positions), make(np.zeros((3, 3)))
        deformed_cc = torch.eye(3, dtype=strain_cc.dtype).to(self.device) + strain_cc
        cell_cc = make(atoms.cell[:] * atoms.pbc[:, None]).detach()
        numbers_n = torch.tensor(np.array(atoms.numbers, int), device=self.device)
        with one_thread():
            q_nk = self.function(
                positions_nc @ deformed_cc, cell_cc @ deformed_cc, numbers_n
            )
        self._check(q_nk, len(atoms))
        values_nk, gradients = pulled_back(q_nk, positions_nc, strain_cc)

        def pullback(dE_dq_nk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            dE_dr_nc, virial_cc = gradients(dE_dq_nk)
            return -dE_dr_nc, virial_cc

        return values_nk, pullback

    def _check(self, q_nk: Any, n: int) -> None:
        name = f'function={_name(self.function)}'
        if not isinstance(q_nk, required('torch').Tensor):
            raise ValueError(
                f'{name} returns {type(q_nk).__name__}: expected a tensor of torch'
            )
        if tuple(q_nk.shape) != (n, self.size):
            raise ValueError(
                f'{name} returns shape {tuple(q_nk.shape)}: expected (atoms, size) = '
                f'{(n, self.size)}'
            )
        if not q_nk.requires_grad:
            raise ValueError(
                f'{name} has no gradient: expected operations of torch from positions '
                'to components, without detach() or numpy'
            )

    def todict(self) -> dict:
        """Return what a row can say: not the code of the function."""
        return {
            'function': _name(self.function),
            'cutoff': self.cutoff,
            'size': self.size,
            'dtype': self.dtype,
            'device': self.device,
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'TorchDescriptor':
        """Raise ValueError: a row names the function, and does not hold its code."""
        raise ValueError(
            f'TorchDescriptor of {dct["function"]}: rows hold the name of a function, '
            'not its code, expected a TorchDescriptor made by you'
        )


def _name(function: Callable) -> str:
    return getattr(function, '__qualname__', type(function).__name__)


def required(package: str, install: str = '') -> Any:
    """Import a package; ValueError says how to install it.

    Examples
    --------
    >>> required('no_such_package')
    Traceback (most recent call last):
    ValueError: the package no_such_package is missing: expected it after pip install
    no_such_package
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        install = install or package.split('.')[0]
        raise ValueError(
            f'the package {error.name} is missing: expected it after pip install '
            f'{install}'
        ) from error


def check_place(dtype: str, device: str) -> None:
    """Raise ValueError for an unknown precision, or a device that is not there."""
    if dtype not in PRECISIONS:
        raise ValueError(f'dtype={dtype!r}: expected one of {PRECISIONS}')
    torch = required('torch')
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device={device!r}: expected a device of this machine, such as 'cpu' "
            f'({reason})'
        ) from error


def differentiable(dtype: str, device: str) -> Callable[[np.ndarray], Any]:
    """Return what makes tensors of arrays, with respect to which to differentiate."""
    torch = required('torch')

    def make(array: np.ndarray) -> Any:
        kind = getattr(torch, dtype)
        return torch.tensor(array, dtype=kind, device=device, requires_grad=True)

    return make


def pulled_back(q_nk: Any, *inputs: Any) -> tuple[np.ndarray, Callable]:
    """Return a tensor as an array, and what pulls gradients back to the inputs.

    Parameters
    ----------
    q_nk : (n, k) tensor
        Components.
    inputs : tensors
        What they follow from.

    Returns
    -------
    q_nk : (n, k) float array
        The same.
    gradients : callable
        Maps dE_dq_nk, (n, k), to the gradients with respect to the inputs, as arrays.
    """
    torch = required('torch')

    def gradients(dE_dq_nk: np.ndarray) -> list[np.ndarray]:
        given_nk = np.ascontiguousarray(dE_dq_nk)
        seeds_nk = torch.tensor(given_nk, dtype=q_nk.dtype, device=q_nk.device)
        with one_thread():
            found = torch.autograd.grad(
                q_nk, inputs, seeds_nk, retain_graph=True, allow_unused=True
            )
        return [
            np.zeros(tuple(x.shape)) if slope is None else _array(slope)
            for x, slope in zip(inputs, found, strict=True)
        ]

    return _array(q_nk), gradients


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy().astype(float)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Work on one thread: the order of sums does not depend on the machine."""
    torch = required('torch')
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
