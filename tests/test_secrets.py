"""What is secret and what is not: a table of real names and values, and how the secret ones are hidden."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.secrets import HIDDEN, key_id, project_key, protect, sensitive, strip_credentials
from envcheck.targets.files import RootedFiles

BASE64 = "bXlzZWNyZXQ5MDhhZjA4QUY5OGEwOWY4YTBzZjlhc2Y"
HEX = "9f86d081884c7d659a2feaa0c55ad015"

SECRET = [
    ("password", "hunter2"),
    ("DB_PASSWORD", "12345"),
    ("database.password", "x"),
    ("dbPassword", "hunter2"),
    ("mypasswd", "hunter2"),
    ("ssh.passphrase", "correct horse"),
    ("SMTP_PASS", "hunter2"),
    ("db_pwd", "hunter2"),
    ("secret", "s3"),
    ("client_secret", "abc"),
    ("clientSecret", "abc"),
    ("JWT_SECRET_KEY", "abc"),
    ("secrets.database", "abc"),
    ("HF_TOKEN", "whatever"),
    ("hfToken", "whatever"),
    ("token", "abc"),
    ("authtoken", "abc"),
    ("GITHUB_TOKEN", "abc"),
    ("auth.access_token", "abc"),
    ("api_tokens.0", "abc"),
    ("api_key", "abc"),
    ("apikey", "abc"),
    ("APIKey", "abc"),
    ("x-api-key", "abc"),
    ("OPENAI_API_KEY", "abc"),
    ("aws_secret_access_key", "abc"),
    ("signing.key", "abc"),
    ("credentials.user", "bob"),
    ("sentry.dsn", "https://o1.ingest.sentry.io/1"),
    ("ConnectionStrings.Default", "Server=db"),
    ("connection_string", "Server=db"),
    ("keys.private", "abc"),
    ("private_key", "abc"),
    ("Authorization", "abc"),
    ("database.url", "postgres://app:hunter2@db/app"),
    ("url", "redis://:hunter2@cache:6379/0"),
    ("url", "postgres://app:hun/ter2@db/app"),
    ("index", "https://ghp_0123456789abcdefghij@github.com/x"),
    ("two", "http://a.example http://u:p1@b.example"),
    ("cert", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"),
    ("header", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP"),
    ("note", "AKIAIOSFODNN7EXAMPLE"),
    ("note", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ("note", "gho_0123456789abcdefghijABCDEFGHIJ012345"),
    ("note", "glpat-0123456789abcdefghij"),
    ("note", "hf_abcdefghij0123456789KLMNOPQRSTUVWX"),
    ("note", "sk-proj-abcdefghij0123456789"),
    ("note", "xoxb-123456789012-abcdefghijkl"),
    ("note", "https://hooks.slack.com/services/T0/B0/XX"),
    ("command", "serve --api-key abc123"),
    ("command", "serve --api-key=abc123"),
    ("environment.0", "DB_PASSWORD=hunter2"),
    ("header", "Bearer abc123"),
    ("jdbc", "Server=db;User=app;Password=hunter2;"),
    ("sas", "https://x.blob.core.windows.net/c?sv=2024&sig=abc%2Bdef"),
    ("seed", HEX),
    ("seed", BASE64),
    ("options", f"--x={BASE64}"),
    ("DB_PASSWORD", "${DB_PASSWORD:-hunter2}"),
    ("HF_ENDPOINT", "https://hunter2@example.org"),
    ("git", "git+https://hunter2@github.com/o/r.git"),
    ("pass.0", "hunter2"),
    ("private.0", "hunter2"),
    ("header", "X-Api-Key: hunter2"),
    ("header", "Authorization: Basic aHVudGVy"),
    ("json", '{"user":"app","password":"hunter2"}'),
]

READABLE = [
    ("max_tokens", "4096"),
    ("max_new_tokens", "128"),
    ("tokenizer", "llama"),
    ("tokenizer_class", "LlamaTokenizer"),
    ("TOKENIZERS_PARALLELISM", "false"),
    ("pad_token", "<pad>"),
    ("pad_token", "!"),
    ("padtoken", "x"),
    ("eos_token.content", "</s>"),
    ("bos_token_id", "1"),
    ("token_type_ids", "0"),
    ("num_tokens", "7"),
    ("tokens_per_second", "12.5"),
    ("added_tokens_decoder.0.content", "<unk>"),
    ("additional_special_tokens.0", "<|im_start|>"),
    ("token_limit", "9"),
    ("token", "<s>"),
    ("secretary", "Miss Moneypenny"),
    ("password_min_length", "12"),
    ("password_file", "/run/secrets/db"),
    ("token_url", "https://login.example/token"),
    ("token.ttl", "3600"),
    ("password", ""),
    ("password", "null"),
    ("require_password", "true"),
    ("DB_PASSWORD", "${DB_PASSWORD}"),
    ("DB_PASSWORD", "{{ vault.db }}"),
    ("private", "true"),
    ("private_network", "10.0.0.0/8"),
    ("primary_key", "id"),
    ("key", "value"),
    ("PWD", "/srv/app"),
    ("bypass", "all"),
    ("compass", "north"),
    ("pin_memory", "true"),
    ("monkey", "banana"),
    ("author", "bob"),
    ("git.commit", "f96d9a5d1c3b0a9e8f7d6c5b4a39281706f5e4d3"),
    ("sha256", "9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015"),
    ("image", "nvcr.io/nvidia/pytorch@sha256:9f86d081884c7d659a2feaa0c55ad015"),
    ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
    ("model", "meta-llama/Llama-3.1-8B-Instruct"),
    ("model", "TheBloke/Mixtral-8x7B-Instruct-v0-GPTQ-Marlin-Something"),
    ("model", "sk-learn-compatible-estimators"),
    ("class", "TransformerDecoderLayerWithRotaryEmbeddings2"),
    ("PATH", "/usr/local/cuda-12.1/bin:/opt/Conda3/envs/Torch24Py311/bin:/usr/bin"),
    ("soabi", "cpython-311-x86_64-linux-gnu"),
    ("url", "https://download.pytorch.org/whl/cu121"),
    ("url", "https://pypi.example:8080/simple/@scope"),
    ("url", "git+ssh://git@github.com/org/repo.git"),
    ("url", "postgres://app@db/app"),
    ("url", "postgres://app:${DB_PASSWORD}@db/app"),
    ("PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:128,expandable_segments:True"),
    ("NVIDIA_REQUIRE_CUDA", "cuda>=12.4 brand=tesla,driver>=470,driver<471"),
    ("launch", "--token-limit 9 --max-tokens 4096"),
    ("digits", "1234567890123456789012345678901234567890"),
]


@pytest.mark.parametrize(("name", "value"), SECRET)
def test_secret(name: str, value: str) -> None:
    assert sensitive(name, value)
    assert value not in protect(name, value, b"k")
    assert protect(name, value, None) == HIDDEN


@pytest.mark.parametrize(("name", "value"), READABLE)
def test_readable(name: str, value: str) -> None:
    assert not sensitive(name, value)
    assert protect(name, value, b"k") == value
    assert protect(name, value, None) == value


def test_equal_values_stay_comparable_under_one_key_only() -> None:
    one = protect("password", "hunter2", b"k1")
    assert one == protect("db.password", "hunter2", b"k1")
    assert one != protect("password", "hunter3", b"k1")
    assert one.split(":")[2] != protect("password", "hunter2", b"k2").split(":")[2]
    scheme, key, digest = one.split(":")
    assert (scheme, key, len(digest)) == ("hmac-sha256", key_id(b"k1"), 32)


@given(st.text(), st.text(), st.sampled_from([b"k", None]))
def test_any_text_is_protected_once(name: str, value: str, key: bytes | None) -> None:
    once = protect(name, value, key)
    assert protect(name, once, key) == once


def test_undecodable_bytes_can_be_secret() -> None:
    assert protect("password", "\udcff\ud800", b"k").startswith("hmac-sha256:")


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://user:pw@pypi.example/simple", "https://pypi.example/simple"),
        ("https://token@pypi.example/simple", "https://pypi.example/simple"),
        ("git+https://u:p@github.com/o/r.git@main", "git+https://github.com/o/r.git@main"),
        ("git+ssh://git@github.com/o/r.git", "git+ssh://git@github.com/o/r.git"),
        ("git+https://token@github.com/o/r.git", "git+https://github.com/o/r.git"),
        ("https://u:a/b@host/x", "https://host/x"),
        ("https://u:a@b@host", "https://host"),
        ("https://host/@scope/x", "https://host/@scope/x"),
        ("file:///srv/wheels/x.whl", "file:///srv/wheels/x.whl"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_credentials_leave_an_address(url: str, plain: str) -> None:
    assert strip_credentials(url) == plain


def test_the_key_comes_from_the_variable_then_the_file(tmp_path: Path) -> None:
    files = RootedFiles(str(tmp_path))
    assert project_key(None, files, "/") is None
    assert project_key({}, files, None) is None
    (tmp_path / ".envcheck.key").write_text("from file\n")
    assert project_key({}, files, "/") == b"from file"
    assert project_key({"ENVCHECK_KEY": " from variable "}, files, "/") == b"from variable"
    (tmp_path / ".envcheck.key").write_text(" \n")
    assert project_key({}, files, "/") is None


def test_a_key_file_that_cannot_be_read_is_no_key(tmp_path: Path) -> None:
    (tmp_path / ".envcheck.key").mkdir()
    assert project_key({}, RootedFiles(str(tmp_path)), "/") is None
    assert project_key({}, RootedFiles(str(tmp_path)), "/\0") is None


@pytest.mark.parametrize("unit", ["=a", "://a", "a:b@", " --password", "${", "x" * 40])
def test_long_values_end(unit: str) -> None:
    text = unit * 20_000
    assert protect("note", text, b"k") == text or sensitive("note", text)


def test_importing_costs_neither_re_nor_hashlib() -> None:
    root = str(Path(__file__).parents[1])
    code = f"""
import sys
sys.path.insert(0, {root!r})
import envcheck.secrets
envcheck.secrets.protect("PATH", "/usr/bin", b"k")
print(*sys.modules)"""
    out = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"re", "hashlib", "hmac", "fnmatch"} & set(out.split())
