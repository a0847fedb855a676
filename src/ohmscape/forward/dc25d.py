"""Direct current in a section whose resistivity does not change across it, from point electrodes.

The potential of each electrode used is found at all electrodes at once: one multifrontal
factorisation for eight wavenumbers, the electrodes eliminated last.
"""

from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward import multifrontal as mf
from ohmscape.forward.elements import CellMatrices, cell_matrices
from ohmscape.forward.lanes import LANES
from ohmscape.forward.readings import quadrupole as quadrupole
from ohmscape.forward.sensitivity import SIGNATURES, sensitivities
from ohmscape.forward.symbolic import Symbolic, analyse
from ohmscape.forward.wavenumbers import Wavenumbers, wavenumbers
from ohmscape.kernels import compiled_beside
from ohmscape.mesh.mesh import Mesh
from ohmscape.mesh.parameters import Parameters

REACH = 2.0  #: wavenumbers serve distances up to this many times the longest of the survey


@dataclass(frozen=True, eq=False)
class Batch:
    """Eight wavenumbers: their weights and the matrices of all cells."""

    weight: Floats  #: (LANES,)
    matrices: CellMatrices


@dataclass(frozen=True, eq=False)
class Section:
    """A mesh made ready for factorisation; knows nothing of resistivity."""

    mesh: Mesh
    symbolic: Symbolic
    quadrature: Wavenumbers
    batches: tuple[Batch, ...]
    precision: Any  #: float32 or float64, of the fields that sensitivities are made from

    @classmethod
    def of(
        cls, mesh: Mesh, abmn: Integers, count: int = LANES, precision: Any = np.float32
    ) -> "Section":
        """Prepare a mesh for the distances of a survey.

        Parameters
        ----------
        mesh : Mesh
        abmn : array of int, shape (n_data, 4)
        count : int
            Number of wavenumbers, 8 or 16.
        precision : dtype
            Of the fields that sensitivities are made from.
        """
        places = mesh.nodes[mesh.electrode_nodes]
        shortest, longest = distances(places, abmn)
        compiled = compiled_beside({**mf.SIGNATURES, **SIGNATURES})
        quadrature = wavenumbers(shortest, REACH * longest, count)
        centre = places.mean(axis=0)
        batches = tuple(
            Batch(
                quadrature.weight[i : i + LANES],
                cell_matrices(mesh, quadrature.k[i : i + LANES], centre),
            )
            for i in range(0, count, LANES)
        )
        symbolic = analyse(
            len(mesh.nodes),
            mesh.cell_pointer,
            mesh.cell_nodes,
            mesh.centres(),
            mesh.electrode_nodes,
            threads=numba.get_num_threads(),
        )
        compiled()
        return cls(mesh, symbolic, quadrature, batches, precision)

    def potentials(self, conductivity: Floats) -> Floats:
        """Return the potential between all electrodes in V/A, shape (n_electrodes,) * 2.

        Parameters
        ----------
        conductivity : array, shape (n_cells,)
            S/m.
        """
        factor, total = None, np.zeros((len(self.mesh.electrode_nodes),) * 2)
        for batch in self.batches:
            factor = self.factorise(batch, conductivity, factor, inverse_only=True)
            total += mf.terminal_inverse(factor) @ (batch.weight / 2)
        return total

    def factorise(
        self,
        batch: Batch,
        conductivity: Floats,
        reuse: mf.Factor | None = None,
        *,
        inverse_only: bool = False,
    ) -> mf.Factor:
        """Factorise the matrices of a batch for the conductivity of each cell in S/m.

        `reuse` is an old factor whose memory may be taken; `inverse_only` keeps no more than
        `potentials` needs.
        """
        matrices = batch.matrices
        return mf.factorise(
            self.symbolic,
            matrices.values,
            matrices.offset,
            conductivity,
            reuse,
            precision=self.precision,
            inverse_only=inverse_only,
        )

    def wavenumber_error(self) -> Floats:
        """Return the relative error of 1/r at the distance of each pair of electrodes, square."""
        places = self.mesh.nodes[self.mesh.electrode_nodes]
        r: Floats = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        apart = r > 0
        error: Floats = np.zeros_like(r)
        error[apart] = self.quadrature.error_at(r[apart])
        return error


def distances(places: Floats, abmn: Integers) -> tuple[float, float]:
    """Return the shortest and the longest distance in m between A or B and M or N.

    Raises
    ------
    SimulationError
        No reading has two electrodes on the line, or two share a place.
    """
    pairs = abmn[:, [[0, 2], [0, 3], [1, 2], [1, 3]]].reshape(-1, 2)
    pairs = pairs[(pairs != REMOTE).all(axis=1)]
    if len(pairs) == 0:
        raise SimulationError("no reading has a current and a potential electrode on the line")
    used = np.zeros((len(places),) * 2, dtype=np.bool_)
    used[pairs[:, 0], pairs[:, 1]] = True
    i, j = np.nonzero(used)
    gap = np.hypot(*(places[i] - places[j]).T)
    if not gap.min() > 0:
        raise SimulationError(
            "a current and a potential electrode share a place", mend="drop the row"
        )
    return float(gap.min()), float(gap.max())


@dataclass(frozen=True, eq=False)
class Resistivity25DResponse:
    """Transfer resistances of one model, with the factor that their derivative needs."""

    data: Floats  #: (n_data,) ohm
    conductivity: Floats  #: (n_cells,) S/m
    factor: mf.Factor


@dataclass(frozen=True, eq=False)
class Resistivity25D:
    """Transfer resistance in ohm of a survey as a function of ln(resistivity in ohm m)."""

    section: Section
    parameters: Parameters
    abmn: Integers  #: (n_data, 4)
    fixed: Floats  #: (n_cells,) resistivity in ohm m of cells without parameter
    scratch: "_Scratch"

    @classmethod
    def of(
        cls, section: Section, group: Parameters, abmn: Integers, fixed: Floats
    ) -> "Resistivity25D":
        """Put a simulation together; see the fields for the arguments."""
        return cls(section, group, abmn, fixed, _Scratch())

    def fresh(self) -> "Resistivity25D":
        """Return the same simulation with memory of its own for the Jacobian."""
        return replace(self, scratch=_Scratch(fields=self.scratch.fields))

    @property
    def n_data(self) -> int:
        """Number of readings."""
        return len(self.abmn)

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    def predict(
        self, parameters: Floats, reuse: Resistivity25DResponse | None = None
    ) -> Resistivity25DResponse:
        """Return transfer resistances for ln(resistivity), shape (n_parameters,)."""
        resistivity = self.parameters.to_cells(np.exp(parameters), self.fixed)
        return self.respond(1.0 / resistivity, reuse)

    def respond(
        self, conductivity: Floats, reuse: Resistivity25DResponse | None = None
    ) -> Resistivity25DResponse:
        """Return transfer resistances for the conductivity of each cell in S/m, (n_cells,)."""
        (batch,) = self.section.batches  # the factor is that of one batch
        old = None if reuse is None else reuse.factor
        factor = self.section.factorise(batch, conductivity, old)
        potential = mf.terminal_inverse(factor) @ (batch.weight / 2)
        return Resistivity25DResponse(quadrupole(potential, self.abmn), conductivity, factor)

    def potential(self, response: Resistivity25DResponse) -> Floats:
        """Return the potentials of all pairs in V/A, shape (n_terminals, n_terminals)."""
        (batch,) = self.section.batches
        potential: Floats = mf.terminal_inverse(response.factor) @ (batch.weight / 2)
        return potential

    def jacobian(self, response: Resistivity25DResponse, row_factor: Floats) -> NDArray[np.float32]:
        """Return d resistance / d ln(resistivity) times `row_factor`, (n_parameters, n_data).

        The array is overwritten by the next call.
        """
        jacobian = self._sensitivities(
            response,
            response.conductivity,
            self.parameters.group_pointer,
            row_factor,
            self.scratch.jacobian,
        )
        self.scratch.jacobian = jacobian
        return jacobian

    def jvp(self, response: Resistivity25DResponse, direction: Floats) -> Floats:
        """Return the Jacobian times `direction` (n_parameters,), (n_data,), without forming it."""
        group = self.parameters
        scale = response.conductivity * group.to_cells(direction, 0.0)
        every = np.array([0, len(group.group_cells)])
        ones = np.ones(self.n_data)
        product: Floats = self._sensitivities(response, scale, every, ones, None)[0].astype(
            np.float64
        )
        return product

    def vjp(self, response: Resistivity25DResponse, weights: Floats) -> Floats:
        """Return the transposed Jacobian times `weights` (n_data,), shape (n_parameters,)."""
        product: Floats = self.jacobian(response, weights).sum(axis=1, dtype=np.float64)
        return product

    def _sensitivities(
        self,
        response: Resistivity25DResponse,
        scale: Floats,
        pointer: Integers,
        row_factor: Floats,
        out: NDArray[np.float32] | None,
    ) -> NDArray[np.float32]:
        """Return sensitivities of groups of cells with conductivity `scale`."""
        (batch,) = self.section.batches
        fields = mf.fields(response.factor, self.scratch.fields)
        self.scratch.fields = fields
        return sensitivities(
            self.section.symbolic,
            fields,
            batch.matrices.values,
            batch.matrices.offset,
            scale,
            batch.weight / 2,
            pointer,
            self.parameters.group_cells,
            self.abmn,
            row_factor,
            out,
        )


@dataclass(eq=False)
class _Scratch:
    """Memory that one Jacobian leaves to the next."""

    fields: mf.Fields | None = None
    jacobian: NDArray[np.float32] | None = None
