"""The judgement of a survey in words, with a reason and a number for each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ohmscape.quality.assess import EXCHANGED, UNDOABLE, Assessment
from ohmscape.quality.decays import DECAY_RULES
from ohmscape.quality.marks import Mark
from ohmscape.quality.rules import in_unit

Word = Literal["good", "usable with care", "not usable"]
FEWEST = 20  #: readings of which no section can be made
COUNTED = 0.01  #: part of the readings that a rule's suspects must reach to be a reason


@dataclass(frozen=True)
class Reason:
    """One thing that speaks against a survey."""

    rule: str
    what: str  #: in words, with its number
    grave: bool = False  #: the survey is not usable


@dataclass(frozen=True)
class Verdict:
    """One of three words, and why."""

    word: Word
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """The word and the reasons in one sentence."""
        if not self.reasons:
            return f"The readings are {self.word}."
        return f"The readings are {self.word}: {'; '.join(r.what for r in self.reasons)}."


def verdict(found: Assessment) -> Verdict:
    """Return the judgement of a survey."""
    reasons = (*_number(found), *_electrodes(found), *_survey(found), *_suspects(found))
    word: Word = "good"
    if reasons:
        word = "not usable" if any(r.grave for r in reasons) else "usable with care"
    return Verdict(word, reasons)


def _number(found: Assessment) -> list[Reason]:
    """Return what the number of readings left says."""
    valid, removed = int(found.data.valid.sum()), int(found.removed.sum())
    reasons = []
    if valid - removed < FEWEST:
        left = f"only {valid - removed} of {len(found.data)} readings are left"
        reasons.append(Reason("readings", left, grave=True))
    part, limits = removed / max(valid, 1), found.rules.part_removed
    grave = limits.remove is not None and part > limits.remove
    if grave or (limits.suspect is not None and part > limits.suspect):
        said = f"{removed} of {valid} valid readings ({100 * part:.0f} %) were removed"
        reasons.append(Reason("part_removed", said, grave=grave))
    return reasons


def _electrodes(found: Assessment) -> list[Reason]:
    if found.electrical is None:
        return [Reason("section", f"no smooth section to judge by ({found.problem})")]
    reasons = []
    labels = found.data.survey.electrodes.labels
    for e in np.flatnonzero(found.electrical.bad).tolist():
        off = in_unit("bad_electrode", float(found.electrical.misfit[e]))
        words = f"electrode {labels[e]} is bad (off by {off} in the median)"
        reasons.append(Reason("bad_electrode", words))
    fate = {
        "mend": "put right in the cleaned copy",
        "remove": "removed",
        "tell": "left as they are",
    }
    done = fate["tell" if EXCHANGED in found.undone else found.rules.exchange]
    for (e, f), gain in zip(found.electrical.exchanged, found.electrical.gain, strict=True):
        words = (
            f"take-outs {labels[e]} and {labels[f]} are exchanged (misfit {gain:.1f} times smaller"
        )
        reasons.append(Reason(EXCHANGED, f"{words} the other way; {done})"))
    return reasons


def _survey(found: Assessment) -> list[Reason]:
    """Return what is said of the whole survey: drift and gaps."""
    drift, gap = found.mark("drift"), found.mark("time_gap")
    reasons = []
    if drift.suspect.any() or drift.removed.any():
        reasons.append(Reason("drift", f"readings drift by {drift.note}"))
    if gap.suspect.any() or gap.removed.any():
        longest = in_unit("time_gap", float(np.nanmax(gap.value)))
        reasons.append(Reason("time_gap", f"{gap.note} in time, the longest of {longest}"))
    return reasons


def _suspects(found: Assessment) -> list[Reason]:
    """Return what each other rule found in more than a few readings."""
    reasons = []
    told = ("bad_electrode", EXCHANGED, "drift", "time_gap")
    for m in found.marks:
        if m.rule in told or m.rule not in UNDOABLE:
            continue
        hit = m.suspect | m.removed
        if hit.sum() > COUNTED * max(m.judged, 1):
            reasons.append(Reason(m.rule, _said(m, int(hit.sum()))))
    return reasons


def _said(m: Mark, count: int) -> str:
    things = "decays" if m.rule in DECAY_RULES else "readings"
    limit = m.limits.remove if m.limits.suspect is None else m.limits.suspect
    return (
        f"{count} of {m.judged} {things} exceed {in_unit(m.rule, limit or 0.0)} in "
        f"{m.rule.replace('_', ' ')}"
        if m.rule not in ("current", "voltage")
        else f"{count} of {m.judged} {things} have less than {in_unit(m.rule, limit or 0.0)} of "
        f"{m.rule}"
    )
