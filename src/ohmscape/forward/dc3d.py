"""Direct current from point electrodes in a ground that changes in all three directions.

One factorisation of the sparse matrix of the mesh gives the potentials of all electrodes at all
nodes; readings and their derivatives are made from these.
"""

from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.energies import energies
from ohmscape.forward.readings import quadrupole
from ohmscape.forward.sources import Primary, Surroundings, exact_potentials, nearness, symmetric
from ohmscape.forward.sparse import Plan, analyse, factorise, unit_solutions
from ohmscape.forward.tetrahedra import Elements, elements_of
from ohmscape.mesh.parameters import Parameters
from ohmscape.mesh.volume import VolumeMesh

GUARD = 1e-4  #: relative difference of a potential and its reciprocal: rounding has spoilt more
BLOCK = 64  #: parameters at a time in products that do not keep the Jacobian


@dataclass(frozen=True)
class Memory:
    """Bytes that a simulation will take."""

    elements: int  #: matrices of the cells and pattern of the ground's
    factor: int  #: with what its making takes
    fields: int  #: potentials of all electrodes at all nodes, of two models
    jacobian: int

    @property
    def total(self) -> int:
        """All together."""
        return self.elements + self.factor + self.fields + self.jacobian


@dataclass(frozen=True, eq=False)
class Volume:
    """A mesh of tetrahedra made ready for factorisation; knows nothing of resistivity."""

    mesh: VolumeMesh
    elements: Elements
    plan: Plan
    surroundings: Surroundings
    correction: Floats  #: (n_electrodes, n_electrodes) V/A in 1 S/m; see `sources`
    earthed: Integers  #: the node of a closed domain through which currents leave, else none
    precision: Any  #: float32 or float64, of factor and fields

    @classmethod
    def of(
        cls, mesh: VolumeMesh, precision: Any = np.float32, *, corrected: bool = True
    ) -> "Volume":
        """Prepare a mesh.

        Parameters
        ----------
        mesh : VolumeMesh
        precision : dtype
            Of factor and fields.
        corrected : bool
            Whether to take off the error that the mesh makes in a homogeneous ground.

        Raises
        ------
        SimulationError
            A cell is turned inside out.
        """
        centre = mesh.nodes[mesh.electrode_nodes].mean(axis=0)
        elements = elements_of(mesh, centre)
        plan = analyse(
            elements.indptr, elements.indices, mesh.nodes, threads=numba.get_num_threads()
        )
        around = Surroundings.of(mesh)
        earthed = _farthest(mesh) if len(mesh.outer_faces) == 0 else np.empty(0, np.int64)
        n = len(mesh.electrode_nodes)
        volume = cls(mesh, elements, plan, around, np.zeros((n, n)), earthed, precision)
        if not corrected:
            return volume
        fields = volume.fields(np.ones(len(mesh)))
        exact = exact_potentials(mesh, Primary.of(mesh, around.angle), fields, earthed)
        error = symmetric(exact) - symmetric(fields[mesh.electrode_nodes])
        return replace(volume, correction=nearness(mesh.nodes[mesh.electrode_nodes]) * error)

    def fields(self, conductivity: Floats) -> NDArray[Any]:
        """Return the potentials of all electrodes in V/A, shape (n_nodes, n_electrodes).

        Parameters
        ----------
        conductivity : array, shape (n_cells,)
            S/m.

        Notes
        -----
        Where rounding in float32 shows, by a pivot that is not positive or by potentials that
        differ from their reciprocals, the factor is made once more in float64.
        """
        values = self.elements.assemble(conductivity)
        values[self.elements.indptr[self.earthed + 1] - 1] *= 2.0  # the diagonal ends its row
        nodes = self.mesh.electrode_nodes
        if np.dtype(self.precision) == np.float32:
            quick = _single(self.plan, values, nodes)
            if quick is not None:
                return quick
        factor = factorise(self.plan, values, precision=np.float64)
        return unit_solutions(factor, nodes, self.precision)

    def between(self, fields: NDArray[Any], conductivity: Floats) -> Floats:
        """Return the corrected potentials between electrodes in V/A, shape (n, n).

        Parameters
        ----------
        fields : array, shape (n_nodes, n_electrodes)
            From `fields` for the same `conductivity`.
        conductivity : array, shape (n_cells,)
            S/m.
        """
        local = self.surroundings.conductivity(conductivity)
        mean = (local[:, None] + local[None]) / 2.0
        return symmetric(fields[self.mesh.electrode_nodes]) + self.correction / mean

    def potentials(self, conductivity: Floats) -> Floats:
        """Return the potential between all electrodes in V/A, shape (n_electrodes,) * 2.

        Parameters
        ----------
        conductivity : array, shape (n_cells,)
            S/m.
        """
        return self.between(self.fields(conductivity), conductivity)

    def memory(self, n_parameters: int, n_data: int) -> Memory:
        """Return what simulations with a dense Jacobian take.

        Parameters
        ----------
        n_parameters, n_data : int
        """
        size = np.dtype(self.precision).itemsize
        parts = self.elements
        arrays = (parts.matrices, parts.roots, parts.entry, parts.indices, parts.order)
        n_nodes, n_electrodes = len(self.mesh.nodes), len(self.mesh.electrode_nodes)
        return Memory(
            elements=sum(array.nbytes for array in arrays),
            factor=(self.plan.factor_bytes + self.plan.work_bytes) * size // 4,
            fields=2 * n_nodes * n_electrodes * size,
            jacobian=n_parameters * n_data * size,
        )


def _single(plan: Plan, values: Floats, nodes: Integers) -> NDArray[Any] | None:
    """Return the fields computed in float32, or None where rounding spoils them."""
    try:
        factor = factorise(plan, values, precision=np.float32)
    except SimulationError:
        return None  # float64 will tell whether it was rounding
    fields = unit_solutions(factor, nodes, np.float32)
    pairs = fields[nodes]
    apart = np.abs(pairs - pairs.T) <= GUARD * np.abs(pairs)
    return fields if apart.all() else None


def _farthest(mesh: VolumeMesh) -> Integers:
    """Return the corner of cells that is farthest from all electrodes."""
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    tree = KDTree(mesh.nodes[mesh.electrode_nodes])
    distance, _ = tree.query(mesh.nodes[: mesh.n_corners])
    return np.array([np.argmax(distance)])


@dataclass(frozen=True, eq=False)
class Resistivity3DResponse:
    """Transfer resistances of one model, with the fields that their derivative needs."""

    data: Floats  #: (n_data,) ohm
    conductivity: Floats  #: (n_cells,) S/m
    fields: NDArray[Any]  #: (n_nodes, n_electrodes) V/A
    between: Floats  #: (n_electrodes, n_electrodes) V/A, corrected


@dataclass(frozen=True, eq=False)
class Resistivity3D:
    """Transfer resistance in ohm of a survey as a function of ln(resistivity in ohm m)."""

    section: Volume
    parameters: Parameters
    abmn: Integers  #: (n_data, 4)
    fixed: Floats  #: (n_cells,) resistivity in ohm m of cells without parameter
    scratch: "_Scratch"

    @classmethod
    def of(
        cls, volume: Volume, group: Parameters, abmn: Integers, fixed: Floats
    ) -> "Resistivity3D":
        """Put a simulation together; see the fields for the arguments.

        Raises
        ------
        SimulationError
            A reading with a remote electrode in a closed domain.
        """
        refuse_remote(volume, abmn)
        return cls(volume, group, abmn, fixed, _Scratch())

    def fresh(self) -> "Resistivity3D":
        """Return the same simulation with memory of its own for the Jacobian."""
        return replace(self, scratch=_Scratch())

    @property
    def n_data(self) -> int:
        """Number of readings."""
        return len(self.abmn)

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    def predict(
        self, parameters: Floats, reuse: Resistivity3DResponse | None = None
    ) -> Resistivity3DResponse:
        """Return transfer resistances for ln(resistivity), shape (n_parameters,)."""
        resistivity = self.parameters.to_cells(np.exp(parameters), self.fixed)
        return self.respond(1.0 / resistivity, reuse)

    def respond(
        self,
        conductivity: Floats,
        reuse: Resistivity3DResponse | None = None,
    ) -> Resistivity3DResponse:
        """Return transfer resistances for the conductivity of each cell in S/m, (n_cells,)."""
        fields = self.section.fields(conductivity)
        between = self.section.between(fields, conductivity)
        return Resistivity3DResponse(quadrupole(between, self.abmn), conductivity, fields, between)

    def potential(self, response: Resistivity3DResponse) -> Floats:
        """Return the potentials of all pairs in V/A, shape (n_electrodes, n_electrodes)."""
        return response.between

    def jacobian(self, response: Resistivity3DResponse, row_factor: Floats) -> NDArray[np.float32]:
        """Return d resistance / d ln(resistivity) times `row_factor`, (n_parameters, n_data).

        The array is overwritten by the next call.
        """
        group = self.parameters
        jacobian = self._energies(
            response, group.group_pointer, group.group_cells, row_factor, self.scratch.jacobian
        )
        local, shares = self._correction_parts(response)
        part = (local @ shares.T).tocoo()
        jacobian[part.row, part.col] += (part.data * row_factor[part.col]).astype(jacobian.dtype)
        self.scratch.jacobian = jacobian
        return jacobian

    def jvp(self, response: Resistivity3DResponse, direction: Floats) -> Floats:
        """Return the Jacobian times `direction` (n_parameters,), (n_data,), without forming it."""
        local, shares = self._correction_parts(response)
        product: Floats = shares @ (local.T @ direction)
        ones = np.ones(self.n_data)
        for begin, rows in self._blocks(response, ones):
            product += direction[begin : begin + len(rows)] @ rows
        return product

    def vjp(self, response: Resistivity3DResponse, weights: Floats) -> Floats:
        """Return the transposed Jacobian times `weights` (n_data,), shape (n_parameters,)."""
        local, shares = self._correction_parts(response)
        product: Floats = local @ (shares.T @ weights)
        ones = np.ones(self.n_data)
        for begin, rows in self._blocks(response, ones):
            product[begin : begin + len(rows)] += rows @ weights
        return product

    def _blocks(self, response: Resistivity3DResponse, row_factor: Floats) -> Any:
        """Yield the first parameter and the rows of blocks of the Jacobian, uncorrected."""
        group = self.parameters
        for begin in range(0, self.n_parameters, BLOCK):
            pointer = group.group_pointer[begin : begin + BLOCK + 1]
            cells = group.group_cells[pointer[0] : pointer[-1]]
            yield begin, self._energies(response, pointer - pointer[0], cells, row_factor, None)

    def _energies(
        self,
        response: Resistivity3DResponse,
        pointer: Integers,
        cells: Integers,
        row_factor: Floats,
        out: NDArray[Any] | None,
    ) -> NDArray[Any]:
        return energies(
            self.section.elements,
            response.fields,
            response.conductivity,
            pointer,
            cells,
            self.abmn,
            row_factor,
            self.section.plan.threads,
            out,
        )

    def _correction_parts(self, response: Resistivity3DResponse) -> tuple[Any, Any]:
        """Return two sparse matrices whose product is the correction's part of the Jacobian.

        How -s at each electrode changes with the parameters, (n_parameters, n_electrodes), and how
        the readings change with it, (n_data, n_electrodes).
        """
        from scipy.sparse import csr_array  # takes longer to import than a small inversion

        around = self.section.surroundings
        of_cell = self.parameters.of_cell[around.cell]
        free = of_cell >= 0
        change = around.share * response.conductivity[around.cell]
        n_electrodes = len(around.angle)
        local = csr_array(
            (change[free], (of_cell[free], around.electrode[free])),
            shape=(self.n_parameters, n_electrodes),
        )
        s = around.conductivity(response.conductivity)
        slope = 2.0 * self.section.correction / (s[:, None] + s[None]) ** 2
        padded = np.pad(slope, ((0, 1), (0, 1)))
        a, b, m, n = self.abmn.T
        am, an, bm, bn = padded[a, m], padded[a, n], padded[b, m], padded[b, n]
        parts = np.stack([am - an, bn - bm, am - bm, bn - an], axis=1)
        there = self.abmn != REMOTE
        row = np.nonzero(there)[0]
        shares = csr_array(
            (parts[there], (row, self.abmn[there])), shape=(self.n_data, n_electrodes)
        )
        return local, shares


def refuse_remote(volume: Volume, abmn: Integers) -> None:
    """Refuse readings with a remote electrode in a closed domain.

    Raises
    ------
    SimulationError
        There is one.
    """
    far = np.flatnonzero((abmn == REMOTE).any(axis=1))
    if len(volume.earthed) and len(far):
        raise SimulationError(
            "a remote electrode cannot be reached from a closed domain",
            where=f"rows {far[:5].tolist()}",
            mend="leave these rows out, or use a mesh with outer faces",
        )


@dataclass(eq=False)
class _Scratch:
    """Memory that one Jacobian leaves to the next."""

    jacobian: NDArray[Any] | None = None
