"""Which readings to trust: rules, verdicts and error models."""

from ohmscape.quality.assess import Assessment, Removal, assess, reason
from ohmscape.quality.rules import Limits, RuleSet, names, rule_set
from ohmscape.quality.verdict import Reason, Verdict, verdict

__all__ = [
    "Assessment",
    "Limits",
    "Reason",
    "Removal",
    "RuleSet",
    "Verdict",
    "assess",
    "names",
    "reason",
    "rule_set",
    "verdict",
]
