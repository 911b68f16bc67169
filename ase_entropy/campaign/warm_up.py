"""Kernels are compiled before the first cycle, where there are two cores by two."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np

from ase_entropy._kernels import bfgs
from ase_entropy._kernels.cache import Announcement
from ase_entropy._kernels.jit import IS_CACHED
from ase_entropy.campaign.engines.processes import usable_cores
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.seeds import start_rng
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.dynamics import CyclicLangevin, Quench
from ase_entropy.dynamics.compiled import CompiledSegments
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.entropy import at_order

__all__ = ['WarmUp']

LONGEST = 300.0  # seconds to wait for the other process


class WarmUp(Announcement):
    """Compiles what cycles of a recipe need, unless that is in the cache.

    Once this process has to compile anything, another one begins with the quench, which
    is half of the work. If that ends early, for whatever reason, the rest is done here.
    Neither a program behind a base nor a single core is asked to do two things at once.

    Parameters
    ----------
    recipe : Recipe or SetRecipe
        What is about to be run.
    report : callable
        Receives a line before the first kernel is compiled.
    """

    def __init__(self, recipe: Recipe | SetRecipe, report: Callable) -> None:
        super().__init__(report)
        self.recipe = recipe
        self._other: Thread | None = None

    def on_start(self, event: Any) -> None:
        """Take note that something is compiled."""
        if self.report is not None and self._may_have_help():
            self._other = Thread(target=_compile_quench, args=[self.recipe])
            self._other.daemon = True  # nobody needs it when this process ends
            self._other.start()
        super().on_start(event)

    def _may_have_help(self) -> bool:
        based = any(recipe.base for recipe in self.recipe.recipes)
        return IS_CACHED and not based and usable_cores() > 1

    def run(self) -> None:
        """Compile, with a few steps of the recipe."""
        _compile_line_search()
        walkers = [_few_steps(recipe) for recipe in self.recipe.recipes]
        if self._other is not None:
            self._other.join(LONGEST)
        for recipe, dyn in zip(self.recipe.recipes, walkers, strict=True):
            if recipe.ladder:
                with (
                    suppress(FloatingPointError),
                    Quench(dyn.atoms, recipe.ladder.orders, logfile=None) as quench,
                ):
                    quench.run(recipe.ladder.fmax, steps=2)


def _compile_line_search() -> None:
    """Compile what the other process comes to last, so that it finds that, too."""
    x, gradient, state = np.zeros(3), np.ones(3), bfgs.new_state(3)
    bfgs.turn(x, 0.0, gradient, state)
    bfgs.judge(x, 0.0, gradient, state)


def _few_steps(recipe: Recipe) -> CyclicLangevin:
    """Take a few steps of the dynamics, and evaluate V as it will be minimized."""
    schedule = replace(
        recipe.schedule,
        shuffle_steps=min(recipe.schedule.shuffle_steps, 2),
        ramp_steps=min(recipe.schedule.ramp_steps, 2),
    )
    dyn = replace(recipe, schedule=schedule).dynamics(start_rng(0, 0))
    with suppress(FloatingPointError):
        dyn.run_cycles(1)
        if recipe.ladder:
            _prepare_quench(recipe, dyn)
            dyn.atoms.get_forces()
    return dyn


def _prepare_quench(recipe: Recipe, dyn: CyclicLangevin) -> None:
    """Set K and the estimator with which a quench begins."""
    calc = dyn.atoms.calc
    calc.set(k_entropy=dyn.schedule.k_entropy)
    if recipe.ladder.orders and calc.k_entropy:
        calc.set(estimator=at_order(calc.estimator, recipe.ladder.orders[0]))


def _compile_quench(recipe: Recipe | SetRecipe) -> None:
    """Let another process compile the quench, with the modules that this one sees."""
    code = (
        f'import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve()'
    )
    with suppress(Exception):  # a start that cannot be pickled, no memory, ...
        subprocess.run(
            [sys.executable, '-c', code],
            input=pickle.dumps(recipe),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def serve() -> None:
    """Compile the quench of the recipe that comes from another process."""
    for recipe in pickle.load(sys.stdin.buffer).recipes:
        dyn = recipe.dynamics(start_rng(0, 0))
        atoms = dyn.atoms
        if recipe.ladder and has_compiled_form(atoms):
            _prepare_quench(recipe, dyn)
            state = bfgs.new_state(3 * len(atoms))
            segments = CompiledSegments(atoms)
            segments.minimize(1, atoms.calc.k_entropy, recipe.ladder.fmax, state)
