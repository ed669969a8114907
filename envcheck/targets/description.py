"""Turns a description (`python: 3.11`, `packages: {torch: 2.4.0}`, `gpu: RTX 4090`) into facts."""

from __future__ import annotations

from envcheck.errors import UsageError
from envcheck.keys import KINDS, attribute_type, format_entity, format_key, parse_key
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts
from envcheck.requirements import normalise
from envcheck.secrets import protect
from envcheck.targets import wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Entity, Value
    from envcheck.plainyaml import Document

_ABSENT = frozenset(("absent", "none", "no", "missing", "not installed"))
_PRESENT = frozenset(("present", "any", "installed", "*"))
_NO_GPU = _ABSENT | {"no gpu", "cpu", "cpu only"}
# What else people call it; an attribute of `host` may also stand alone: `glibc: 2.31`.
_KEYS = {
    "cuda_driver": "cuda#driver",
    "nvidia_driver": "cuda#driver",
    "arch": "host#arch",
    "architecture": "host#arch",
    "nvidia_container_toolkit": "cuda#container_runtime",
    "compute_capability": "gpu/0#compute_capability",
}
_INSTALLERS = ("pip", "setuptools", "wheel")
_NOT_SAID = "the description does not say it"
# The lowest drivers of CUDA 11, 12 and 13: of `580` and `580.65` nobody can say whether CUDA 13 runs.
# https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
_LOWEST_DRIVERS = ("450.80.02", "525.60.13", "580.65.06")
# What tells conda's, the system's and editable packages; one described by its version alone is taken for the index's.
_NOT_OF_A_RELEASE = ("build", "channel", "direct_url", "editable", "location", "replaced_conda")
_LONGEST = 500  # characters of a text that is repeated as not understood


def describe(document: Document, where: str, key: bytes | None) -> tuple[Facts, dict[str, Coverage]]:
    """Return facts and coverage of a description whose data is a mapping; whatever it holds, it raises nothing."""
    description = _Description(document, where, key)
    assert isinstance(document.data, dict)
    for name, value in document.data.items():
        description.take(name, value, (name,))
    for package in description.facts.entities("package"):
        cuda = description.facts.get(package, "cuda")
        told = description.facts.of(package)
        if "version" in told and "build" not in told and "channel" not in told:
            for scope in (format_key(package, attribute) for attribute in _NOT_OF_A_RELEASE if attribute not in told):
                description.coverage.setdefault(scope, Coverage(scope=scope, status=COMPLETE))
        if cuda is not None and description.facts.get(package, "variant") is None:
            description.facts.put(package, cuda[1], variant="cuda")
    if "gpu" in description.coverage:
        for gpu in map(format_entity, description.facts.entities("gpu")):
            description.coverage[gpu] = Coverage(scope=gpu, status=PARTIAL, reason=_NOT_SAID)
    return description.facts, dict(sorted(description.coverage.items()))


class _Description:
    def __init__(self, document: Document, where: str, key: bytes | None) -> None:
        self.facts = Facts()
        self.coverage: dict[str, Coverage] = {}
        self.document = document
        self.where = where
        self.key = key
        self.words = {
            "packages": self.packages,
            "package": self.packages,
            "gpu": self.gpus,
            "gpus": self.gpus,
            "os": self.system,
            "cuda_toolkit": self.toolkit,
            "config": self.configs,
            "env": self.variables,
        }

    def take(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Understand one top-level entry."""
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        taken = self.words.get(plain)
        if taken is not None:
            taken(name, value, path)
        elif plain in _INSTALLERS:
            self.package(plain, value, path)
        elif plain in KINDS and isinstance(value, dict):
            self.nested((plain,), value, path)
        elif plain == "cuda":
            self.leave(name, f"say cuda_toolkit or cuda_driver: {_text(value)}", path)
        elif plain in KINDS["host"][3]:
            self.fact(f"host#{plain}", value, path)
        else:
            self.fact(_KEYS.get(plain, name.strip()), value, path)

    def fact(self, key: str, value: object, path: tuple[object, ...]) -> None:
        """Record one full key, `package/torch#cuda`."""
        try:
            entity, attribute = parse_key(key)
        except UsageError:
            self.leave(key, _text(value), path)
            return
        if entity[0] == "package" and attribute == "version":
            self.package(entity[1], value, path)
        elif entity[0] in ("config", "env"):
            self.secretly(entity, attribute, value, path)
        elif isinstance(value, str) and value.strip().lower() == "absent":
            scope = (
                format_entity(entity) if attribute == KINDS[entity[0]][0] else f"{format_entity(entity)}#{attribute}"
            )
            self.coverage[scope] = Coverage(scope=scope, status=COMPLETE)
        elif (entity, attribute) == (("cuda",), "driver"):
            self.driver(key, value, path)
        else:
            self.put_or_leave(entity, attribute, _typed(entity[0], attribute, value), key, value, path)

    def driver(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record the driver; a part of a version on which a CUDA major depends leaves it unknown."""
        version = wording.exact_version(_text(value))
        if version and any(lowest.startswith(f"{version}.") for lowest in _LOWEST_DRIVERS):
            reason = f"given as {version}; the full version decides"
            self.coverage["cuda#driver"] = Coverage(scope="cuda#driver", status=PARTIAL, reason=reason)
        else:
            self.put_or_leave(("cuda",), "driver", version, name, value, path)

    def nested(self, entity: Entity, value: object, path: tuple[object, ...]) -> None:
        """Record a mapping below a kind: its parts, then its attributes."""
        parts_left = len(KINDS[entity[0]][2]) - (len(entity) - 1)
        if not isinstance(value, dict):
            if parts_left:
                self.leave("/".join(entity), _text(value), path)
            else:
                self.fact(format_entity(entity), value, path)
            return
        for part, inside in value.items():
            if parts_left:
                self.nested((*entity, str(part)), inside, (*path, part))
            else:
                self.fact(f"{format_entity(entity)}#{part}", inside, (*path, part))

    def packages(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record distributions: `{torch: 2.4.0}`, `{torch: {version: …}}` or a list of `torch==2.4.0`."""
        if isinstance(value, dict):
            for part, inside in value.items():
                self.package(str(part), inside, (*path, part))
        elif isinstance(value, list):
            for place, line in enumerate(value):
                package, equals, version = str(line).partition("==")
                self.package(package.strip(), version.strip() if equals else None, (*path, place))
        else:
            self.leave(name, _text(value), path)

    def package(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record one distribution; a version that is none leaves it present, with its version unknown."""
        name = name.strip()
        if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or not name.isascii():
            self.leave(f"package {name}", _text(value), path)
            return
        # conda calls torch pytorch: https://anaconda.org/conda-forge/pytorch
        entity = ("package", "torch" if normalise(name) == "pytorch" else normalise(name))
        if isinstance(value, dict):
            self.put(entity, path, name=name)
            self.nested(entity, value, path)
            return
        text = "" if value is None else _text(value)
        if text.lower() in _ABSENT:
            self.coverage[format_entity(entity)] = Coverage(scope=format_entity(entity), status=COMPLETE)
            return
        version = wording.package_version(text)
        self.put(entity, path, name=name, version=version, **wording.build(text))
        if version is None:
            scope = f"{format_entity(entity)}#version"
            reason = f"given as {text}" if text and text.lower() not in _PRESENT else "given without a version"
            self.coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=reason)

    def gpus(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record one GPU or a list of them, each a text or a mapping of attributes; there are no others."""
        number = 0
        self.coverage["gpu"] = Coverage(scope="gpu", status=COMPLETE)
        for place, item in enumerate(value if isinstance(value, list) else [value]):
            here = (*path, place) if isinstance(value, list) else path
            if isinstance(item, dict):
                self.put(("gpu", str(number)), here)
                self.nested(("gpu", str(number)), item, here)
                number += 1
            elif _text(item).lower() not in _NO_GPU:
                found = wording.gpus(_text(item))
                for told in found:
                    self.put(("gpu", str(number)), here, **told)
                    number += 1
                if not found:
                    self.leave(name, _text(item), here)
                    self.coverage["gpu"] = Coverage(scope="gpu", status=PARTIAL, reason="not understood whole")

    def system(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record what a text says of the operating system; a part that says nothing known is told."""
        host, python = wording.operating_system(_text(value))
        for attribute, known in host.items():
            if self.facts.get(("host",), attribute) is None:
                self.put(("host",), path, **{attribute: known})
        self.put(("python",), path, **python)
        if not host and not python:
            self.leave(name, _text(value), path)

    def toolkit(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record the CUDA toolkit."""
        self.put_or_leave(("cuda",), "toolkit", wording.toolkit(_text(value)), name, value, path)

    def variables(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record environment variables: `{CUDA_HOME: /usr/local/cuda}`."""
        if not isinstance(value, dict):
            self.leave(name, _text(value), path)
            return
        for part, inside in value.items():
            self.secretly(("env", str(part)), "value", inside, (*path, part))

    def configs(self, name: str, value: object, path: tuple[object, ...]) -> None:
        """Record configurations by logical name: `{app: {database: {pool: 5}}}`."""
        if not isinstance(value, dict):
            self.leave(name, _text(value), path)
            return
        for part, inside in value.items():
            self.settings(str(part), inside, (*path, part))

    def settings(self, name: str, value: object, path: tuple[object, ...], setting: str = "") -> None:
        """Record a configuration's settings under dotted keys."""
        if isinstance(value, (dict, list)) and value:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for part, inside in pairs:
                self.settings(name, inside, (*path, part), f"{setting}.{part}" if setting else str(part))
        elif setting:
            self.secretly(("config", name), setting, value, path)
        else:
            self.leave(f"config {name}", _text(value), path)

    def secretly(self, entity: Entity, attribute: str, value: object, path: tuple[object, ...]) -> None:
        """Record a value that may be a secret."""
        name = entity[1] if entity[0] == "env" else attribute
        text = "" if value is None else _text(value)
        told = protect(name, text, self.key)
        typed = value if isinstance(value, int) and entity[0] == "config" and told == text else told
        self.put(entity, path, **{attribute: typed})

    def put_or_leave(
        self, entity: Entity, attribute: str, value: Value | None, name: str, given: object, path: tuple[object, ...]
    ) -> None:
        """Record a value, or that what was given is none."""
        if value is None:
            self.leave(name, _text(given), path)
        else:
            self.put(entity, path, **{attribute: value})

    def put(self, entity: Entity, path: tuple[object, ...], /, **values: Value | None) -> None:
        """Record attributes with the line that they stand on."""
        self.facts.put(entity, f"{self.where}:{self.document.line(path)}", **values)

    def leave(self, name: str, text: str, path: tuple[object, ...]) -> None:
        """Keep what was not understood."""
        problem = f"not understood: {protect(name, text, self.key)[:_LONGEST] or 'no value'}"
        self.put(("unread", name), path, problem=problem, path=self.where)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()


def _typed(kind: str, attribute: str, value: object) -> Value | None:
    """Return a value as its attribute's type has it; None where it is not of that type."""
    wanted = attribute_type(kind, attribute)
    if wanted == "list":
        return _listed(attribute, value)
    if isinstance(value, (list, dict)) or value in (None, ""):
        return None
    text = _text(value)
    if wanted == "bool":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower())
    if wanted in ("bytes", "count", "number"):
        return wording.number(text, wanted)
    if wanted == "version":
        return wording.exact_version(text)
    return wording.architecture(text) if (kind, attribute) == ("host", "arch") else text


def _listed(attribute: str, value: object) -> tuple[str, ...] | None:
    if isinstance(value, list):
        return tuple(map(_text, value))
    text = _text(value)
    if attribute in ("requires", "entry_points"):
        return (text,) if text else None
    return tuple(wording.without_asides(text).replace(",", " ").split()) or None
