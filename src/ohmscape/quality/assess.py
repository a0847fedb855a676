"""From readings to a judgement: every rule's marks, and a cleaned copy that drops nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ohmscape.arrays.noise import fit_reciprocals
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import InversionError, MeshError, OhmscapeError, SurveyError
from ohmscape.quality import again, readings, section
from ohmscape.quality.decays import Decays, fit_decays, judge_decays
from ohmscape.quality.electrodes import Electrical, judge_electrodes
from ohmscape.quality.marks import Mark, silent
from ohmscape.quality.rules import BASE, RULES, Limits, RuleSet, in_unit, rule_set

EXCHANGED = "exchanged_electrodes"  #: rule without limits: what becomes of it is `exchange`
UNDOABLE = (*RULES[:-1], EXCHANGED)  #: all but `part_removed`, which judges the survey


@dataclass(frozen=True)
class Removal:
    """One reading put aside: which, by which rule, by which number."""

    row: int  #: of the data, from 0
    rule: str
    value: float
    limit: float | None


@dataclass(frozen=True, eq=False)
class Assessment:
    """What the rules say of some readings, and the cleaned copy."""

    data: Data  #: as it came
    cleaned: Data
    rules: RuleSet
    marks: tuple[Mark, ...]  #: of all rules, as they judged, undone ones included
    removals: tuple[Removal, ...]  #: of readings, in their order
    decay_removals: tuple[Removal, ...]  #: of decays only; their resistances stay
    electrical: Electrical | None  #: None where no section could be fitted
    decays: Decays | None
    undone: tuple[str, ...]
    kept: Booleans  #: (n_data,) readings that no rule was allowed to remove
    problem: str = ""  #: why no section could be fitted

    @property
    def removed(self) -> Booleans:
        """Which readings were valid and are not any more, shape (n_data,)."""
        return self.data.valid & ~self.cleaned.valid

    @property
    def mended(self) -> tuple[tuple[int, int], ...]:
        """Pairs of electrodes that the cleaned copy exchanges back."""
        mends = self.rules.exchange == "mend" and EXCHANGED not in self.undone
        return self.electrical.exchanged if self.electrical and mends else ()

    def mark(self, rule: str) -> Mark:
        """Return the judgement of a rule by its name."""
        return next(m for m in self.marks if m.rule == rule)


def assess(
    data: Data,
    rules: RuleSet | str | Path = BASE,
    *,
    undo: Iterable[str] = (),
    keep: Iterable[int] = (),
) -> Assessment:
    """Judge readings by a rule set.

    Parameters
    ----------
    data : Data
        Left as it is; readings that are not valid are not judged.
    rules : RuleSet, str or path
        ``standard``, ``strict``, or a TOML file.
    undo : iterable of str
        Rules that judge, but are not to remove anything.
    keep : iterable of int
        Rows, from 0, that no rule is to remove.

    Returns
    -------
    Assessment

    Raises
    ------
    OhmscapeError
        An unknown rule or row.
    """
    chosen = rules if isinstance(rules, RuleSet) else rule_set(rules)
    undone, kept = tuple(dict.fromkeys(undo)), _rows(data, keep)
    unknown = [rule for rule in undone if rule not in UNDOABLE]
    if unknown:
        raise OhmscapeError(
            f"rule {unknown[0]!r} is not known", mend=f"one of {', '.join(UNDOABLE)}"
        )
    own = _instrument(data, chosen)
    left = _without(data, own, undone, kept)
    found, problem = _electrical(left, chosen)
    by_section = _by_section(left, found, chosen, problem)
    left = _without(left, by_section, undone, kept)
    usable = _without(data, own, undone, kept)
    judged = (*own, *by_section, *_read_again(usable, left, found, chosen))
    decays = fit_decays(left)
    marks = (*judged, *judge_decays(left, decays, chosen))
    removals = _removals(data, judged, undone, kept)
    gone = _removals(left, marks[len(judged) :], undone, kept)
    cleaned = _cleaned(data, chosen, found, undone, removals, gone)
    return Assessment(
        data, cleaned, chosen, marks, removals, gone, found, decays, undone, kept, problem
    )


def _rows(data: Data, keep: Iterable[int]) -> Booleans:
    kept = np.zeros(len(data), dtype=np.bool_)
    for row in keep:
        if not 0 <= row < len(data):
            raise OhmscapeError(f"there is no reading {row + 1}", mend=f"1 to {len(data)}")
        kept[row] = True
    return kept


def _instrument(data: Data, rules: RuleSet) -> tuple[Mark, ...]:
    """Return the marks of what the instrument wrote beside each reading."""
    return (
        readings.contact_resistance(data, rules.contact_resistance),
        readings.current(data, rules.current),
        readings.voltage(data, rules.voltage),
        readings.stack_deviation(data, rules.stack_deviation),
    )


def _electrical(data: Data, rules: RuleSet) -> tuple[Electrical | None, str]:
    """Return what a smooth section tells, or why there is none."""
    limit = rules.bad_electrode.remove
    try:
        return judge_electrodes(data, np.inf if limit is None else limit), ""
    except (SurveyError, MeshError, InversionError) as error:
        return None, str(error)


def _by_section(
    data: Data, found: Electrical | None, rules: RuleSet, problem: str
) -> tuple[Mark, ...]:
    names = ("geometric_factor", EXCHANGED, "bad_electrode", "stray", "polarity")
    if found is None:
        none = Limits()
        return tuple(
            silent(name, len(data), none if name == EXCHANGED else rules.limits(name),
                   f"no smooth section: {problem}")
            for name in names
        )  # fmt: skip
    return (
        readings.geometric_factor(data, found.factor, rules.geometric_factor),
        section.exchanged(EXCHANGED, data, found, remove=rules.exchange == "remove"),
        section.bad_electrode(data, found, rules.bad_electrode),
        section.stray(found, rules.stray),
        section.polarity(data, found, rules.polarity),
    )


def _read_again(
    data: Data, left: Data, found: Electrical | None, rules: RuleSet
) -> tuple[Mark, ...]:
    """Return the marks of what was read again; what the section removed is judged, too."""
    stray = np.full(len(data), np.nan) if found is None else found.stray
    model, _ = fit_reciprocals(left)
    usual = np.zeros(len(data))
    if model is not None:
        usual = model.resistance_floor + model.relative * np.abs(data.resistance)
    elif found is not None:
        usual = np.nan_to_num(found.deviation)
    trusted = rules.stray.suspect
    return (
        again.reciprocal_error(data, usual, stray, trusted, rules.reciprocal_error),
        again.repeat_error(data, stray, trusted, rules.repeat_error),
        again.drift(data, left.valid, rules.drift),
        again.time_gap(data, rules.time_gap),
    )


def _without(data: Data, marks: tuple[Mark, ...], undone: tuple[str, ...], kept: Booleans) -> Data:
    gone = np.zeros(len(data), dtype=np.bool_)
    for m in marks:
        if m.rule not in undone:
            gone |= m.removed & ~kept
    return data.without(gone, "by a rule")


def _removals(
    data: Data, marks: tuple[Mark, ...], undone: tuple[str, ...], kept: Booleans
) -> tuple[Removal, ...]:
    """Return what is removed, by the first rule that removes it."""
    found: dict[int, Removal] = {}
    for m in marks:
        if m.rule in undone:
            continue
        for row in np.flatnonzero(m.removed & data.valid & ~kept).tolist():
            removal = Removal(row, m.rule, float(m.value[row]), m.limits.remove)
            found.setdefault(row, removal)
    return tuple(found[row] for row in sorted(found))


def reason(removal: Removal) -> str:
    """Return why a reading was removed: rule, number, limit."""
    if removal.limit is None:
        return removal.rule
    return (
        f"{removal.rule}: {in_unit(removal.rule, removal.value)}, "
        f"limit {in_unit(removal.rule, removal.limit)}"
    )


def _cleaned(
    data: Data,
    rules: RuleSet,
    found: Electrical | None,
    undone: tuple[str, ...],
    removals: tuple[Removal, ...],
    decays: tuple[Removal, ...],
) -> Data:
    """Return a copy: removed readings not valid, removed decays NaN, take-outs put right."""
    valid, reasons = data.valid.copy(), list(data.reasons)
    for removal in removals:
        valid[removal.row] = False
        reasons[removal.row] = reason(removal)
    cleaned = replace(data, valid=valid, reasons=tuple(reasons))
    if decays:
        rows = np.array([d.row for d in decays])
        gone = {
            name: _blank(values, rows)
            for name in ("decay", "chargeability")
            if (values := getattr(data, name)) is not None
        }
        cleaned = replace(cleaned, **gone)  # type: ignore[arg-type]
    if found is None or not found.exchanged or rules.exchange != "mend" or EXCHANGED in undone:
        return cleaned
    abmn = np.append(found.order, REMOTE)[data.survey.abmn]  # REMOTE = -1 falls on the last
    moved = np.flatnonzero((abmn != data.survey.abmn).any(axis=1))
    stated = {  # what the file computed for other places
        name: _blank(values, moved)
        for name in ("geometric_factor", "apparent_resistivity")
        if (values := getattr(data, name)) is not None
    }
    survey = Survey(data.survey.electrodes, abmn)
    return replace(cleaned, survey=survey, **stated)  # type: ignore[arg-type]


def _blank(values: Floats, rows: Integers) -> Floats:
    found = values.copy()
    found[rows] = np.nan
    return found
