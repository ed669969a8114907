"""Reports of drift, made by hand: three environments, two of them, and what asks much of a renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envcheck.keys import format_key
from envcheck.model.drift import Change, Drift, Effect, Kinship, Side
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot
from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided
from tests.renderers.demanding import HOSTILE

if TYPE_CHECKING:
    from envcheck.model.facts import Value

STAGES = ("dev", "staging", "prod")
VISION = "torchvision-built-for-other-torch"
POLICY = "configuration-drift"
_HASH = "hmac-sha256:4f1d0c9a:{}"
_DAMAGED = "METADATA ends in the middle of a header"
_DOCS = "https://github.com/pytorch/vision/blob/main/README.md"


def site(label: str) -> str:
    return f"/srv/{label}/.venv/lib/python3.11/site-packages"


def snapshot(label: str) -> Snapshot:
    entries = [Coverage(scope=kind, status=COMPLETE) for kind in ("python", "package", "config", "env", "host")]
    if label == "staging":
        entries.append(Coverage(scope="package/regex", status=PARTIAL, reason=_DAMAGED))
    return Snapshot(
        label=label,
        address=f"python:/srv/{label}/.venv",
        chosen=f"/srv/{label}/.venv (Python 3.11.7)",
        collected_at="2026-01-15T09:30:00Z",
        tool="envcheck 0.1.0",
        facts=Facts(),
        derived=Facts(),
        coverage={entry.scope: entry for entry in entries},
    )


def side(value: Value | None, origin: str = "", *, reason: str = "", state: str = "") -> Side:
    return Side(state=state or ("absent" if value is None else "present"), value=value, origin=origin, reason=reason)


def change(key: str, *sides: Side, form: str = "value", **more: Any) -> Change:
    """Return a change whose groups follow from its sides, the largest first."""
    held: dict[tuple[str, type, Value | None], list[int]] = {}
    for number, each in enumerate(sides):
        if each.state in ("present", "absent"):
            held.setdefault((each.state, type(each.value), each.value), []).append(number)
    groups = sorted((tuple(members) for members in held.values()), key=lambda members: (-len(members), members))
    return Change(key=key, form=form, sides=sides, groups=tuple(groups), **more)


def package(name: str, *versions: str | None, form: str = "value", **more: Any) -> Change:
    sides = [
        side(version, f"{site(label)}/{name}-{version}.dist-info/METADATA" if version else "")
        for label, version in zip(STAGES, versions, strict=False)
    ]
    return change(f"package/{name}#version", *sides, form=form, **more)


def setting(name: str, *values: Value | None, line: int, form: str = "value", **more: Any) -> Change:
    sides = [
        side(value, f"config/{label}.yaml:{line}" if value is not None else "")
        for label, value in zip(STAGES, values, strict=False)
    ]
    return change(f"config/app#{name}", *sides, form=form, **more)


def vision_finding(label: str, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": VISION,
        "severity": "error",
        "cause": "torch-torchvision-mismatch",
        "subjects": ("torchvision", "torch"),
        "summary": "torchvision is built for another torch.",
        "message": "torchvision 0.19.0 is built for torch 2.4, here is torch 2.9.1",
        "why": "Its compiled operators are registered against one torch series; with another, `import torchvision` "
        'fails with "operator torchvision::nms does not exist" or an undefined symbol.',
        "evidence": (
            Evidence(
                key="package/torchvision#version",
                value="0.19.0",
                origin=f"{site(label)}/torchvision-0.19.0.dist-info/METADATA",
            ),
            Evidence(
                key="package/torch#version", value="2.9.1", origin=f"{site(label)}/torch-2.9.1.dist-info/METADATA"
            ),
            Evidence(key="table torch-releases", value="torch 2.9.1, torchvision 0.24.1", origin=_DOCS),
        ),
        "fixes": (
            Fix(
                title="install torchvision 0.24.1",
                action="install",
                argument="torchvision==0.24.1",
                commands=(f"/srv/{label}/.venv/bin/python -m pip install torchvision==0.24.1",),
                text="",
                safety="safe",
                tried="resolves",
                also=1,
                verified=True,
            ),
        ),
        "sources": (_DOCS,),
        "fingerprint": "5d1c8a2f00b7e341",
        "target": label,
    }
    return Finding(**(values | more))


def unmet_finding(label: str, **more: Any) -> Finding:
    return vision_finding(label).replace(
        **{
            "rule": "requirement-unsatisfied",
            "severity": "warning",
            "cause": "dependency-too-new",
            "summary": "A declared requirement is not met.",
            "message": "torchvision 0.19.0 requires torch==2.4.0, here is torch 2.9.1",
            "why": "The authors declare that they do not support this version. It may work all the same.",
            "fingerprint": "0a6e5b7712cd9f30",
            "sources": ("https://packaging.python.org/en/latest/specifications/core-metadata/",),
            "evidence": (
                Evidence(
                    key="requires/torchvision/2#text",
                    value="torch==2.4.0",
                    origin=f"{site(label)}/torchvision-0.19.0.dist-info/METADATA",
                ),
                Evidence(
                    key="package/torch#version", value="2.9.1", origin=f"{site(label)}/torch-2.9.1.dist-info/METADATA"
                ),
            ),
            **more,
        }
    )


def shared_finding(label: str) -> Finding:
    return unmet_finding(
        label,
        message="datasets 3.2.0 requires multiprocess<0.70.16, here is multiprocess 0.70.16",
        subjects=("datasets", "multiprocess"),
        fingerprint="71c2f9b0a4d3e865",
        evidence=(Evidence(key="package/multiprocess#version", value="0.70.16", origin=f"{site(label)}/METADATA"),),
    )


def policy_finding(key: str, line: int, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": POLICY,
        "severity": "error",
        "cause": "",
        "subjects": (key,),
        "summary": "Environments differ in a setting that the drift policy wants to be the same.",
        "message": f"{key} differs: dev = postgres://app@db-dev…, staging = …, prod = …",
        "why": "The policy says that the environments share this setting.",
        "evidence": (
            *(
                Evidence(
                    key=f"{label}: {key}",
                    value=f"postgres://app@db-{label}.internal.example.org:5432/orders?sslmode=require",
                    origin=f"config/{label}.yaml:12",
                )
                for label in STAGES
            ),
            Evidence(key="policy", value="database.url", origin=f"drift.yaml:{line}"),
        ),
        "fixes": (),
        "sources": ("https://12factor.net/config",),
        "fingerprint": f"{line:016x}",
        "target": " ↔ ".join(STAGES),
    }
    return Finding(**(values | more))


def stage_changes() -> tuple[Change, ...]:
    broken = tuple(
        Effect(target="prod", rule=rule, fingerprint=fingerprint)
        for rule, fingerprint in ((VISION, "5d1c8a2f00b7e341"), ("requirement-unsatisfied", "0a6e5b7712cd9f30"))
    )
    inconsistent = {"judged_by": "drift.yaml:3", "verdict": "inconsistent"}
    flags = ("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "sse4_1", "sse4_2")
    return (
        package("torch", "2.4.0", "2.4.0", "2.9.1", effects=broken),
        setting(
            "database.url",
            "postgres://app@db-dev.internal.example.org:5432/orders?sslmode=require",
            "postgres://app@db-staging.internal.example.org:5432/orders?sslmode=require",
            "postgres://app@db-prod.internal.example.org:5432/orders?sslmode=require",
            line=12,
            **inconsistent,
        ),
        package("triton", None, None, "3.5.1", form="only", follows="package/torch#version"),
        package("nvidia-nccl-cu12", "2.20.5", "2.20.5", "2.27.5", follows="package/torch#version"),
        change(
            "package/torch#requires",
            *(
                side(("filelock", "jinja2", f"triton=={triton}"), f"{site(label)}/torch.dist-info/METADATA")
                for label, triton in zip(STAGES, ("3.0.0", "3.0.0", "3.5.1"), strict=True)
            ),
            follows="package/torch#version",
        ),
        package("ipython", "8.31.0", None, None, form="only"),
        change(
            "package/pywin32#version",
            side("308", "requirements.txt:9"),
            side(None, state="exempt", reason="declared for sys_platform == 'win32' only"),
            side(None),
            form="only",
        ),
        package("numpy", "2.2.6", "2.2.6", "2.3.5"),
        setting("feature.flags.beta", *(True, True, False), line=31, judged_by="drift.yaml:9", verdict="allowed"),
        setting("pool.size", "20", 20, 20, line=14, form="type"),
        change(
            "env/API_TOKEN#value",
            *(
                side(_HASH.format(digest), "environment")
                for digest in ("8c1e27f0d3a94b5566", "8c1e27f0d3a94b5566", "1b90f7c2aa310e4477")
            ),
        ),
        change(
            "host#cpu_flags",
            side(flags, "/proc/cpuinfo"),
            side(flags, "/proc/cpuinfo"),
            side((*flags, "avx512f", "avx512_bf16"), "/proc/cpuinfo"),
        ),
        change(
            "host#memory",
            side(68_719_476_736, "/proc/meminfo"),
            side(270_582_939_648, "/proc/meminfo"),
            side(540_976_939_008, "/proc/meminfo"),
        ),
        change(
            "package/regex#version",
            side("2024.11.6", f"{site('dev')}/regex-2024.11.6.dist-info/METADATA"),
            side(None, state="unknown", reason=_DAMAGED),
            side("2024.11.6", f"{site('prod')}/regex-2024.11.6.dist-info/METADATA"),
            form="undetermined",
        ),
    )


def stage_report() -> Report:
    """dev, staging and prod: a newer torch breaks torchvision in prod, and a policy is not kept."""
    undecided = Undecided(
        rule="requirement-unsatisfied",
        summary="A declared requirement is not met.",
        target="staging",
        subject="package/regex",
        missing=(("package/regex#requires", _DAMAGED),),
    )
    return Report(
        verdict="broken",
        findings=(
            vision_finding("prod"),
            unmet_finding("prod"),
            policy_finding("config/app#database.url", 3),
            *map(shared_finding, STAGES),
        ),
        undecided=(undecided,),
        snapshots=tuple(map(snapshot, STAGES)),
        rules=143,
        tool="envcheck 0.1.0",
        drift=Drift(
            environments=STAGES,
            changes=stage_changes(),
            compared=1482,
            ignored=6,
            history=(
                Kinship(one="dev", other="staging", relation="newer"),
                Kinship(one="dev", other="prod", relation="concurrent"),
                Kinship(one="staging", other="prod", relation="unrelated"),
            ),
        ),
    )


def drift_of(report: Report) -> Drift:
    assert report.drift is not None
    return report.drift


def pair_of(*changes: Change, findings: tuple[Finding, ...] = (), compared: int = 9) -> Report:
    """Just these changes from dev to prod."""
    drift = Drift(environments=("dev", "prod"), changes=changes, compared=compared)
    return pair_report().replace(findings=findings, undecided=(), drift=drift)


def pair_report() -> Report:
    """dev and prod alone; what dev has and prod has not is mended by going there."""
    report = stage_report()
    drift = drift_of(report)
    mends = Effect(target="dev", rule="requirement-unsatisfied", fingerprint="33d0")
    changes = []
    for each in drift.changes:
        sides = (each.sides[0], each.sides[2])
        if sides[0] == sides[1] or each.form == "undetermined":
            continue
        more = {name: getattr(each, name) for name in ("form", "follows", "effects", "judged_by", "verdict")}
        if each.key == "package/numpy#version":
            more["effects"] = (mends,)
        changes.append(change(each.key, *sides, **more))
    regex = change(
        "package/regex#version",
        side("2024.11.6", f"{site('dev')}/regex-2024.11.6.dist-info/METADATA"),
        side(None, state="unknown", reason=_DAMAGED),
        form="undetermined",
    )
    old = unmet_finding("dev", message="scipy 1.15.1 requires numpy>=2.3, here is numpy 2.2.6", fingerprint="33d0")
    return report.replace(
        findings=(*(finding for finding in report.findings if finding.target != "staging"), old),
        snapshots=(report.snapshots[0], report.snapshots[2]),
        undecided=(),
        drift=drift.replace(environments=("dev", "prod"), changes=(*changes, regex), history=drift.history[1:2]),
    )


def same_report() -> Report:
    """Two environments without a difference."""
    return pair_of(compared=1482).replace(verdict="ok")


def fleet_report(environments: int = 30, keys: int = 2000) -> Report:
    """Many environments and keys: most agree but for a few outliers, some have a value each, some are not known."""
    labels = tuple(f"gpu-{number:02}" for number in range(environments))
    changes = [_fleet_change(number, labels) for number in range(keys)]
    hit = [label for number, label in enumerate(labels) if number % 10 == 7]
    effects = tuple(Effect(target=label, rule=VISION, fingerprint="5d1c8a2f00b7e341") for label in hit)
    torch = [side("2.9.1" if label in hit else "2.4.0", f"{site(label)}/torch.dist-info/METADATA") for label in labels]
    return Report(
        verdict="broken",
        findings=(*map(vision_finding, hit), *map(shared_finding, labels)),
        undecided=(),
        snapshots=tuple(map(snapshot, labels)),
        rules=143,
        tool="envcheck 0.1.0",
        drift=Drift(
            environments=labels,
            changes=(change("package/torch#version", *torch, effects=effects), *changes[1:]),
            compared=keys * 9,
        ),
    )


def _fleet_change(number: int, labels: tuple[str, ...]) -> Change:
    name = f"distribution-{number:04}"
    origin = f"/opt/venv/lib/python3.11/site-packages/{name}-1.4.{number}.dist-info/METADATA"
    if number % 50 == 1:  # each its own
        sides = [side(f"http://{label}.cluster.example.org:80{number % 90 + 10}/v1", "conf.yaml:7") for label in labels]
        return change(f"config/app#service.{number}.address", *sides)
    sides = []
    for place, label in enumerate(labels):
        odd = (number * 7 + place * 13) % 29
        if odd == 0:
            sides.append(side(None))
        elif odd == 1:
            sides.append(side(f"1.5.{number}", origin))
        elif odd == 2 and number % 9 == 0:
            sides.append(side(None, state="unknown", reason=f"{label} did not answer"))
        else:
            sides.append(side(f"1.4.{number}", origin))
    form = "only" if any(each.state == "absent" for each in sides) else "value"
    return change(f"package/{name}#version", *sides, form=form)


def hostile_drift() -> Report:
    """Whatever environments can name themselves and their settings, everywhere that drift quotes them."""
    labels = tuple(HOSTILE)
    changes = tuple(
        change(
            format_key(("config", name), name),
            *(side((name, value) if number % 3 else value, name) for value in HOSTILE[:-1]),
            side(None, state=("unknown", "exempt", name)[number % 3], reason=name),
            form=("value", "only", "type", "undetermined", name)[number % 5],
            effects=(
                Effect(target=name, rule=VISION, fingerprint="5d1c8a2f00b7e341"),
                Effect(target=name, rule=name, fingerprint=name),
            )
            if number % 2
            else (),
            follows=name,
            judged_by=name,
            verdict=("inconsistent", "allowed", "undetermined", name)[number % 4],
        )
        for number, name in enumerate(HOSTILE)
    )
    return Report(
        verdict="broken",
        findings=tuple(
            vision_finding(name, message=name, why=name, cause=name, subjects=(name,), sources=(f"javascript:{name}",))
            for name in HOSTILE
        )
        + tuple(policy_finding(name, number, message=name) for number, name in enumerate(HOSTILE)),
        undecided=tuple(
            Undecided(rule=name, summary=name, target=name, subject=name, missing=((name, name),)) for name in HOSTILE
        ),
        snapshots=tuple(snapshot("dev").replace(label=name, chosen=name, address=name) for name in labels),
        rules=1,
        tool=HOSTILE[0],
        drift=Drift(
            environments=labels,
            changes=changes,
            compared=10,
            history=tuple(Kinship(one=name, other=name, relation=name) for name in HOSTILE),
        ),
    )
