"""What a source line calls: the module or class that an error without any name of its own is about."""

from __future__ import annotations

import re

_CALL = re.compile(r"(?<![\w.)\]])([A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){0,8})\(")
_DOTTED = re.compile(r"(?<![\w.)\]])([A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){1,8})")
_CALLEE = re.compile(r"(?:\b(\w{1,80})\.)?(\w{1,80})\(\) (?:got|takes|missing)\b")
_LACKS = re.compile(r"has no attribute ['`\"]?(\w{1,80})|^['`\"]?(\w{1,80})['`\"]?$")
_PLAIN = frozenset(
    ("if", "while", "return", "print", "super", "raise", "not", "and", "or", "in", "for", "with", "assert", "lambda")
)
_BUILT = frozenset(("__init__", "__new__", "__call__", "__init_subclass__"))
# Short names that nearly all code gives modules on import, by the documentation of each.
_ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "tf": "tensorflow",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "K": "keras.backend",
    "jnp": "jax.numpy",
    "nx": "networkx",
    "xgb": "xgboost",
    "lgb": "lightgbm",
    "pl": "pytorch_lightning",
    "gr": "gradio",
    "st": "streamlit",
    "tfa": "tensorflow_addons",
    "tfp": "tensorflow_probability",
    "ort": "onnxruntime",
    "px": "plotly.express",
    "sm": "statsmodels.api",
    "pa": "pyarrow",
    "bnb": "bitsandbytes",
}


def called(source: str, message: str) -> str:
    """Return the dotted name that a line calls or asks and that a message is about, aliases written out, or nothing."""
    lacks = _LACKS.search(message)
    if lacks is not None:
        name = lacks[1] or lacks[2]
        found = [one for one in _DOTTED.findall(source) if one.endswith(f".{name}")]
        return _whole(found[-1]) if found else ""
    names = [one for one in _CALL.findall(source) if one.partition(".")[0] not in _PLAIN]
    callee = _CALLEE.search(message)
    if callee is None:
        return ""
    wanted = callee[1] if callee[2] in _BUILT and callee[1] else callee[2]
    if wanted in _BUILT:
        built = [one for one in names if one.rpartition(".")[2][:1].isupper()]
        found = built or [one for one in names if one.rpartition(".")[2] not in _BUILT]
    else:
        found = [one for one in names if one.rpartition(".")[2] == wanted]
    return _whole(found[0]) if found else ""


def _whole(name: str) -> str:
    first, dot, rest = name.removeprefix("self.").removeprefix("cls.").partition(".")
    return f"{_ALIASES.get(first, first)}{dot}{rest}"
