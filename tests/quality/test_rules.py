"""Rule sets: built in, an organisation's own, and what is wrong with a bad one."""

import numpy as np
import pytest

from ohmscape.errors import FormatError
from ohmscape.quality.marks import mark
from ohmscape.quality.rules import FLOOR, RULES, Limits, in_unit, names, rule_set


def written(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", names())
def test_built_in_sets_are_whole_and_ordered(name):
    rules = rule_set(name)
    assert (rules.name, bool(rules.version)) == (name, True)
    for rule in RULES:
        low, high = rules.limits(rule).suspect, rules.limits(rule).remove
        assert low is not None, rule
        assert high is None or (high < low if rule in FLOOR else high > low), rule


def test_strict_is_nowhere_laxer_than_standard():
    loose, strict = rule_set("standard"), rule_set("strict")
    for rule in RULES:
        for which in ("suspect", "remove"):
            a, b = getattr(loose.limits(rule), which), getattr(strict.limits(rule), which)
            if a is not None:
                assert b >= a if rule in FLOOR else b <= a, rule


def test_own_set_changes_what_it_names_and_nothing_else(tmp_path):
    own = rule_set(written(tmp_path, """
        name = "steelworks"
        version = "2026-1"
        exchange = "tell"
        contact_resistance = { remove = "2 kohm" }
        [reciprocal_error]
        suspect = "off"
        remove = 0.08
    """))  # fmt: skip
    base = rule_set("standard")
    assert (own.name, own.version, own.exchange) == ("steelworks", "2026-1", "tell")
    assert own.contact_resistance == Limits(base.contact_resistance.suspect, 2000.0)
    assert own.reciprocal_error == Limits(None, 0.08)
    same = set(RULES) - {"contact_resistance", "reciprocal_error"}
    assert all(own.limits(rule) == base.limits(rule) for rule in same)


@pytest.mark.parametrize(("line", "what"), [
    ('stray = { remove = "5 %" }', "stray: '5 %' is not understood"),
    ('stray = { remove = "-1 sd" }', "not understood"),
    ("stray = { remove = true }", "not understood"),
    ('current = { remove = "1 V" }', 'write for example "3 A"'),
    ('voltage = { drop = "1 V" }', "voltage ="),
    ('spikes = { remove = "1 V" }', "rule 'spikes' is not known"),
    ('exchange = "maybe"', "exchange = 'maybe'"),
    ('based_on = "nothing"', "based_on"),
    ("= 3", "this is not TOML"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_the_file(tmp_path, line, what):
    path = written(tmp_path, f'name = "x"\nversion = "1"\n{line}\n')
    with pytest.raises(FormatError, match=r"own\.toml") as error:
        rule_set(path)
    assert what in str(error.value)


@pytest.mark.parametrize("text", ['version = "1"', 'name = "x"', 'name = ""\nversion = "1"'])
def test_a_set_has_a_name_and_a_version(tmp_path, text):
    with pytest.raises(FormatError, match="is missing"):
        rule_set(written(tmp_path, text))


def test_limits_are_in_si_units():
    rules = rule_set("standard")
    assert rules.current == Limits(5e-3, 5e-4)
    assert rules.contact_resistance == Limits(1e4, 1e5)
    assert rules.decay_noise == Limits(5e-3, 25e-3)
    assert rules.time_gap == Limits(1800.0, None)


def test_unknown_names_and_missing_files():
    with pytest.raises(FormatError, match="one of standard, strict"):
        rule_set("lenient")
    with pytest.raises(FormatError, match="cannot be read"):
        rule_set("nowhere.toml")


def test_floors_judge_what_lies_below():
    limits = Limits(2e-3, 1e-3)
    values = np.array([3e-3, 1.5e-3, 5e-4, np.nan])
    below = mark("current", values, limits)
    assert below.suspect.tolist() == [False, True, False, False]
    assert below.removed.tolist() == [False, False, True, False]
    above = mark("contact_resistance", values, Limits(1e-3, 2e-3))
    assert above.removed.tolist() == [True, False, False, False]
    assert not mark("current", values, Limits()).removed.any()


def test_numbers_are_written_in_the_units_of_the_trade():
    assert in_unit("voltage", 2e-5) == "0.02 mV"
    assert in_unit("contact_resistance", 1e4) == "10 kohm"
    assert in_unit("exchanged_electrodes", 3.0) == "3 times"
