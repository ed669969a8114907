"""Every format as a tree of texts: spelling and lines stay, and nothing hostile gets far."""

from __future__ import annotations

import contextlib
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.formats import SUFFIXES, parse, suffix
from envcheck.formats.tree import FormatError, settings, typed


def read(text: str, path: str) -> dict[str, tuple[str, int]]:
    return {key: (str(node.held), node.line) for key, node, _ in settings(parse(text.encode(), path))}


def texts(text: str, path: str) -> dict[str, str]:
    return {key: value for key, (value, _) in read(text, path).items()}


def test_yaml_keeps_spelling_and_lines() -> None:
    text = "python: 3.10\nflag: yes\nmode: 0755\nnothing: ~\ndatabase:\n  url: 'x # y'\n  pool: [1, 2.50]\nempty: []\n"
    assert read(text, "c.yaml") == {
        "python": ("3.10", 1),
        "flag": ("yes", 2),
        "mode": ("0755", 3),
        "nothing": ("~", 4),
        "database.url": ("x # y", 6),
        "database.pool.0": ("1", 7),
        "database.pool.1": ("2.50", 7),
        "empty": ("[]", 8),
    }


def test_yaml_follows_aliases_merges_and_documents() -> None:
    text = "base: &b {a: 1, b: 2}\nuse:\n  <<: *b\n  b: 3\nlist: {<<: [*b, {c: 4}]}\n"
    assert texts(text, "c.yml") == {
        "base.a": "1",
        "base.b": "2",
        "use.a": "1",
        "use.b": "3",
        "list.a": "1",
        "list.b": "2",
        "list.c": "4",
    }
    assert texts("a: 1\n---\na: 2\n", "c.yml") == {"0.a": "1", "1.a": "2"}


def test_yaml_constructs_nothing() -> None:
    assert texts("x: !!python/object/apply:os.system ['exit 1']\n", "c.yaml") == {"x.0": "exit 1"}


def test_json_keeps_spelling_and_lines() -> None:
    text = '{\n\t"a": 1.10,\n\t"b": {"c,}\\"": [true, null, "x:\\u00e9"]},\n\t"n": 1e400, "e": {}\n}'
    assert read(text, "c.json") == {
        "a": ("1.10", 2),
        'b.c,}".0': ("true", 3),
        'b.c,}".1': ("null", 3),
        'b.c,}".2': ("x:é", 3),
        "n": ("1e400", 4),
        "e": ("{}", 4),
    }


@pytest.mark.parametrize(("path", "text"), [("c.json", '{"a": 1,\n"a": 2}'), ("c.yaml", "a: 1\na: 2\n")])
def test_a_key_that_stands_twice_is_a_problem_and_the_last_counts(path: str, text: str) -> None:
    tree = parse(text.encode(), path)
    assert tree.problems == ((2, "the key 'a' stands twice, the last one counts"),)
    assert [(key, node.held, node.line, also) for key, node, also in settings(tree)] == [("a", "2", 2, "")]


def test_toml() -> None:
    text = '# x\nv = 1.10\n[tool.a]\nb = true\nd = 2024-01-02 03:04:05\n[[s]]\nn = "1"\n[[s]]\nn = 0x10\n'
    assert read(text, "c.toml") == {
        "v": ("1.10", 2),
        "tool.a.b": ("true", 4),
        "tool.a.d": ("2024-01-02T03:04:05", 5),
        "s.0.n": ("1", 7),
        "s.1.n": ("16", 9),
    }


def test_ini() -> None:
    text = "top = 1\n[db]\n; c\nurl = a=b\nlist =\n  one\n  two\nold: 3\nbare\n[db]\nurl = c\n"
    assert read(text, "c.ini") == {
        "top": ("1", 1),
        "db.url": ("c", 11),
        "db.list": ("one\ntwo", 5),
        "db.old": ("3", 8),
        "db.bare": ("", 9),
    }


def test_env() -> None:
    text = '# c\nexport A=1\nB=\'x # y\'  # c\nC=plain # c\nD=\nE="one\ntwo \\" q"\nF=a=b\nG\n'
    assert read(text, ".env") == {
        "A": ("1", 2),
        "B": ("x # y", 3),
        "C": ("plain", 4),
        "D": ("", 5),
        "E": ('one\ntwo " q', 6),
        "F": ("a=b", 8),
        "G": ("", 9),
    }


def test_properties() -> None:
    text = "! c\na.b = 1\nc:2\nd 3\ne\\ f=g\nlong=a,\\\n  b\nu=\\u00e9\\t\\\\\nlast=\\"
    assert read(text, "c.properties") == {
        "a.b": ("1", 2),
        "c": ("2", 3),
        "d": ("3", 4),
        "e f": ("g", 5),
        "long": ("a,b", 6),
        "u": ("é\t\\", 8),
        "last": ("", 9),
    }


@pytest.mark.parametrize(
    ("path", "data", "line", "says"),
    [
        ("c.yaml", b"a: 1\nb: [\n", 3, "not valid YAML"),
        ("c.yaml", b"a: \xff", 1, "not UTF-8 text: byte 0xff"),
        ("c.yaml", b"a: \x01", 0, "not valid YAML"),
        ("c.yaml", b"a: *x", 1, "an alias has nothing"),
        ("c.yaml", b"&a [*a]", 1, "an alias has nothing"),
        ("c.yaml", b"[" * 100_000, 1, "64 levels"),
        ("c.yaml", b"- " * 100_000, 1, "64 levels"),
        ("c.json", b'{\n"a": }', 2, "not valid JSON"),
        ("c.json", b"[" * 100_000, 0, "nested"),
        ("c.json", b"[" * 100 + b"]" * 100, 1, "64 levels"),
        ("c.toml", b"a = ", 0, "not valid TOML"),
        ("c.toml", b"a = " + b"[" * 100_000, 0, "TOML"),
        ("c.ini", b"a=1\n[x\n", 2, "closing bracket"),
        (".env", b"A=1\nsome words\n", 2, "neither"),
        (".env", b"A='x\ny\n", 1, "quote"),
        ("c.xml", b"<a/>", 0, "tells no format"),
        ("config", b"", 0, "tells no format"),
    ],
)
def test_what_is_not_in_its_format_says_where(path: str, data: bytes, line: int, says: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(data, path)
    assert says in caught.value.problem
    assert caught.value.line == line


def test_aliases_of_aliases_neither_explode_nor_recurse() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert len(list(islice(settings(parse(bomb.encode(), "c.yaml")), 1000))) == 1000
    deep = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    with pytest.raises(FormatError, match="64 levels"):
        parse(deep.encode(), "c.yaml")
    wide = (
        "b: &b {"
        + ",".join(f"k{n}: 1" for n in range(1000))
        + "}\n"
        + "".join(f"u{n}: {{<<: *b}}\n" for n in range(200))
    )
    with pytest.raises(FormatError, match="merges"):
        parse(wide.encode(), "c.yaml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.sampled_from(sorted(SUFFIXES)))
def test_any_bytes_give_a_tree_or_a_problem(data: bytes, ending: str) -> None:
    with contextlib.suppress(FormatError):
        tree = parse(data, f"x{ending}")
        assert all(isinstance(node.held, str) for _, node, _ in settings(tree))


@pytest.mark.parametrize(
    ("path", "ending"), [("a/b.YAML", ".yaml"), (".env", ".env"), ("a.b/c", ""), ("x.tar.gz", ".gz")]
)
def test_the_end_of_a_name_tells_the_format(path: str, ending: str) -> None:
    assert suffix(path) == ending


def test_a_value_may_be_named_by_what_stands_beside_it() -> None:
    tree = parse(b"env: [{name: DB_PASSWORD, value: x}]\nargs: [--token, x, --flag]\n", "c.yaml")
    named = {key: also for key, _, also in settings(tree) if also}
    assert named == {"env.0.value": "DB_PASSWORD", "args.1": "--token"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("c.yaml", "a: 5", 5),
        ("c.yaml", 'a: "5"', "5"),
        ("c.yaml", "a: True", True),
        ("c.yaml", "a: 'true'", "true"),
        ("c.yaml", "a: !!str 5", "5"),
        ("c.yaml", "a: 3.10", "3.10"),
        ("c.yaml", "a: 0755", "0755"),
        ("c.yaml", "a: 12345678901234567890", "12345678901234567890"),
        ("c.json", '{"a": 5}', 5),
        ("c.json", '{"a": "5"}', "5"),
        ("c.json", '{"a": false}', False),
        ("c.json", '{"a": 0.5}', "0.5"),
        ("c.toml", "a = -3", -3),
        ("c.toml", 'a = "-3"', "-3"),
        ("c.toml", "a = true", True),
        ("c.env", "A=5", "5"),
    ],
)
def test_a_bare_number_or_boolean_is_told_from_its_text(name: str, text: str, value: object) -> None:
    ((_, node, _),) = settings(parse(text.encode(), name))
    told = typed(str(node.held)) if node.bare else node.held
    assert (told, type(told)) == (value, type(value))
