"""What a source line calls, and what becomes of a log without a name in its message."""

from __future__ import annotations

import pytest

from envcheck.failures import read
from envcheck.failures.calls import called

INIT = "__init__() got an unexpected keyword argument 'x'"


@pytest.mark.parametrize(
    ("source", "message", "name"),
    [
        ("self.accelerator = Accelerator(", INIT, "Accelerator"),
        ("with gr.Column(scale=6):", INIT, "gradio.Column"),
        ("return wrap(nn.GELU(approximate='tanh'))", INIT, "torch.nn.GELU"),
        (
            "x = librosa.filters.mel(sr, n)",
            "mel() takes 0 positional arguments but 2 were given",
            "librosa.filters.mel",
        ),
        ("y = np.load(p, allow_pickle=1)", "load() got an unexpected keyword argument 'allow_pickle'", "numpy.load"),
        ("return tf.foo.bar", "bar", "tensorflow.foo.bar"),
        ("v = self.model.config.rope", "'Config' object has no attribute 'rope'", "model.config.rope"),
        ("super().__init__(**kwargs)", INIT, ""),
        ("if x(y):", "unsupported operand", ""),
        ("", INIT, ""),
        ("(" * 5000, INIT, ""),
    ],
)
def test_a_line_names_what_the_message_is_about(source, message, name):
    assert called(source, message) == name


def facts(log):
    return read(log.encode(), "log").events[-1].facts


@pytest.mark.parametrize(
    "log",
    [
        f'  File "/x/site-packages/trl/a.py", line 3, in f\n    t = Accelerator(\nTypeError: {INIT}\n',
        f"    t = Accelerator(\n        ^^^^^^^^^^^^\nTypeError: {INIT}\n",
        f">>> t = Accelerator(x=1)\nTypeError: {INIT}\n",
        f"<ipython-input-3-abc> in <module>\n      1 import a\n----> 2 t = Accelerator(\n\nTypeError: {INIT}\n",
        f">       t = Accelerator(\n            x=1,\n        )\nE       TypeError: {INIT}\n\na.py:2: TypeError\n",
    ],
)
def test_every_dress_of_a_traceback_tells_what_was_called(log):
    assert facts(log)["called"] == facts(log)["callable"] == "Accelerator"


def test_an_exception_of_a_package_tells_the_package():
    assert facts("botocore.exceptions.NoCredentialsError: Unable to locate credentials\n")["distribution"] == "botocore"
    assert facts("_catboost.CatBoostError: no\n")["distribution"] == "catboost"
    assert "distribution" not in facts("json.decoder.JSONDecodeError: Expecting value\n")
    assert "distribution" not in facts("ValueError: no\n")


def test_what_pytest_marks_reads_as_a_traceback():
    log = (
        "    def test_x():\n>       load(x)\nE       RuntimeError: Error(s) in loading state_dict for A:\n"
        "E       \tsize mismatch for b: copying\nE       \nE         more\n\na.py:2: RuntimeError\n"
    )
    text = read(log.encode(), "log").text
    assert "\nRuntimeError: Error(s) in loading state_dict for A:\n\tsize mismatch for b: copying\n\n  more\n" in text
    assert "        load(x)\n" in text


@pytest.mark.parametrize("line", ["E external/xla/a.cc:1 no", "E0312 12:00:00.1 1 a.go:1] no", "EE   x", ">   q"])
def test_other_lines_keep_their_letters(line):
    assert line.split()[-1] in read(f"a\n{line}\nb\n".encode(), "log").text
