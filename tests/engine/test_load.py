from __future__ import annotations

import pytest

from envcheck.engine.compiled import as_module, pack, unpack
from envcheck.engine.load import load
from envcheck.errors import RuleError

from .conftest import RULE, TABLE, rule_text


def refused(*texts: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        load([(f"file{number}.yaml", text) for number, text in enumerate(texts)])
    return caught.value


def test_a_rule_and_a_table_are_read(rulebook):
    (rule,) = rulebook.rules
    assert rule.id == "wrong-pair"
    assert rule.needs == (("package", "left"), ("package", "right"))
    assert rulebook.tables["pairs"].rows[0]["left"] == "1.0.0"
    assert rulebook.tables["pairs"].rows[0]["confidence"] is None, "every row has every column"


def test_versions_keep_their_text():
    table = load([("t.yaml", TABLE.replace("1.0.0", "3.10"))]).tables["pairs"]
    assert table.rows[0]["left"] == "3.10"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"severity": "fatal"}, "severity: 'fatal' is not known"),
        ({"scope": "galaxy"}, "scope: 'galaxy' is not known"),
        ({"id": "Wrong Pair"}, "must be lower case"),
        ({"why": "''"}, "why: is empty"),
        ({"sources": "[]"}, "every rule names its source"),
        ({"when": "{}"}, "needs `when` or `each`"),
        ({"when": "{package/left: {bigger: 3}}"}, "no operator 'bigger'"),
        ({"when": "{package/left: {gt: many}}"}, "gt wants a number"),
        ({"when": "{package/left: {}}"}, "an empty condition"),
        ({"when": "{package/left: [1]}"}, "is no condition"),
        ({"when": "{any: 3}"}, "any: wants a list"),
        ({"when": "{parcel/left: present}"}, "there is no kind 'parcel'"),
        ({"when": "{package/left#size: present}"}, "package has no 'size'"),
        ({"when": "{package: present}"}, "package is written package/<normalised name>"),
        ({"require": '{package/right: "=={fitting.wrong}"}'}, "fitting has no column 'wrong'"),
        ({"message": "'{package/right'"}, "a brace is not closed"),
        ({"message": "'{package/right|miles}'"}, "there is no format 'miles'"),
        ({"lookup": "{fitting: {table: nowhere, by: {left: package/left}}}"}, "there is no table 'nowhere'"),
        ({"lookup": "{fitting: {table: pairs, by: {middle: package/left}}}"}, "pairs has no column 'middle'"),
        ({"each": "{p: package}"}, "matches no kind of fact"),
        ({"each": "{p: package/*, q: gpu/*}"}, "exactly one variable"),
        ({"each": "{p: {table: nowhere}}"}, "names no table"),
        ({"fixes": "[{safety: safe}]"}, "exactly one action"),
        ({"fixes": "[{install: x, do: y, safety: safe}]"}, "exactly one action"),
        ({"fixes": "[{install: x, safety: harmless}]"}, "safety 'harmless' is not known"),
        ({"examples": "[{facts: {}, expect: finding}]"}, "none with `expect: none`"),
        ({"colour": "red"}, "unknown field `colour`"),
        ({"why": ""}, "missing required field `why`"),
        ({"sources": "somewhere"}, "sources"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_field(changes, said):
    error = refused(TABLE, rule_text(**changes))
    assert said in str(error)
    assert error.where.startswith("file1.yaml:")
    assert error.exit_code == 2


def test_the_line_is_that_of_the_field():
    error = refused(TABLE, RULE.replace("severity: error", "severity: awful"))
    line = RULE.split("\n").index("severity: error") + 1
    assert error.where == f"file1.yaml:{line}"


def test_an_unknown_field_inside_has_its_own_line():
    error = refused(TABLE, RULE.replace("expect: undecided}", "expect: undecided, colour: red}"))
    assert error.where.endswith(str(RULE.split("\n").index("examples:") + 4))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not valid YAML"),
        ("a: 1\na: 2", "stands twice"),
        ("- just\n- a list", "Expected `object`"),
        ("? [a]\n: b", "a key must be a plain text"),
        ("!!python/object:os.system {}", "file0.yaml"),
    ],
)
def test_broken_yaml_is_refused(text, said):
    assert said in str(refused(text))


def test_aliases_cannot_explode():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases" in str(refused("\n".join(lines)))


def test_two_of_one_name_are_refused():
    assert "a second rule 'wrong-pair'" in str(refused(TABLE, RULE, RULE))
    assert "a second table 'pairs'" in str(refused(TABLE, TABLE))


@pytest.mark.parametrize("match", ["regex", "fuzzy"])
def test_a_table_that_matches_oddly_is_refused(match):
    assert "no way to match" in str(refused(TABLE.replace("left: version", f"left: {match}")))


def test_compiled_rules_are_the_same(rulebook):
    again = unpack(pack(rulebook))
    assert again.tables == rulebook.tables
    assert again.rules == tuple(rule.replace(examples=()) for rule in rulebook.rules)


def test_the_module_of_a_wheel_holds_the_rulebook(rulebook):
    space: dict[str, object] = {}
    exec(as_module(rulebook), space)  # noqa: S102  our own generated text
    assert space["RULEBOOK"] == pack(rulebook)
