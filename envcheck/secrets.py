"""The one place that knows which names and values are secret, and that hides them behind a keyed hash."""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.targets.files import Files

KEY_VARIABLE = "ENVCHECK_KEY"
KEY_FILE = ".envcheck.key"
HIDDEN = "hidden (no project key)"
_PREFIX = "hmac-sha256:"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Parts of a name. A name is cut into lower-case words at separators and at camelCase.
_ANYWHERE = ("password", "passwd", "passphrase", "apikey", "credential", "connectionstring", "dbpass")
_WORDS = _set(
    "secret secrets creds pwd psk dsn bearer authorization token sig signature jwt pass private passcode otp cookie"
    " cookies salt"
)
_KEYS = _set("api access secret private signing encryption master account auth session hmac ssh storage")
_TOKEN_OWNERS = _set("api auth access refresh bearer session secret vault github gitlab slack")
# Tokens of a model's vocabulary and counts of them.
_VOCABULARY = _set(
    "pad bos eos unk sep cls mask image video audio start end stop special begin eot eom boi eoi additional per max min"
    " num n first last next decoder forced suppress prompt box speech new vision patch added sot timestamps"
)
_TOKEN_SUBJECTS = _set(
    "id ids type types count counts embedding embeddings level classification dim size dropout budget index indices"
)
# A setting about a secret, not the secret.
_ABOUT = _set(
    "file path dir directory folder ttl length min max limit count timeout expiry expires expire minutes seconds"
    " hours days enabled required policy url uri endpoint host name algorithm algo provider manager store backend"
    " header field prefix rotation version encoding format issuer audience source validation"
)
# Names whose values look random and are public.
_PUBLIC = _set(
    "sha sha1 sha256 sha512 md5 digest hash checksum commit revision rev ref etag fingerprint integrity uuid guid git"
    " id image public build"
)
_NOTHING = frozenset(("", "true", "false", "yes", "no", "on", "off", "null", "none", "~", "*"))

# How the tokens of well-known services begin:
# https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
# https://docs.gitlab.com/security/tokens/#token-prefixes · https://huggingface.co/docs/hub/security-tokens
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html · https://api.slack.com/concepts/token-types
# https://docs.pypi.org/ (pypi-) · https://docs.npmjs.com/about-access-tokens (npm_) · https://jwt.io/introduction (eyJ)
_TOKENS = (
    *(
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "hf_",
        "sk-",
        "sk_live_",
        "AKIA",
        "ASIA",
        "AIza",
    ),
    *("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xapp-", "npm_", "pypi-", "eyJ"),
)
_SHORTEST = 15  # characters; shorter than any of theirs, longer than most words that begin so
_RANDOM = 32  # characters from which a random-looking text counts: 128 bits as hexadecimal
_BREAKS = str.maketrans(dict.fromkeys("\"'`,;&?()[]{}<>|", " "))


def sensitive(name: str, value: str) -> bool:
    """Tell whether a value must not be shown, by its name or by its own shape."""
    words = _words(name)
    return _is_named_secret(words, value) or _looks_secret(value, words)


def protect(name: str, value: str, key: bytes | None) -> str:
    """Return a value as it may be shown and saved: itself, or its HMAC-SHA-256 under the project's key.

    The hash reads `hmac-sha256:<id of the key, 8 hex>:<32 hex>`: equal values stay comparable under one key. Without a
    key a hash could be guessed from a word list, so nothing of the value is left.
    """
    return hide(value, key) if sensitive(name, value) else value


def hide(value: str, key: bytes | None) -> str:
    """Return the HMAC of a value whatever it is; one that is hidden or hashed already stays as it is."""
    if value == HIDDEN or _is_protected(value):
        return value
    if not key:
        return HIDDEN
    import hmac

    digest = hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()
    return f"{_PREFIX}{key_id(key)}:{digest[:32]}"


def key_id(key: bytes) -> str:
    """Return the 8 hexadecimal digits by which hashes of two keys are told apart."""
    import hashlib

    return hashlib.sha256(b"envcheck key\0" + key).hexdigest()[:8]


def hashed_under(value: str) -> str:
    """Return the id of the key under which a shown value is hashed, empty where it is no hash."""
    return value[len(_PREFIX) :].partition(":")[0] if _is_protected(value) else ""


def project_key(environ: Mapping[str, str] | None, files: Files, folder: str | None) -> bytes | None:
    """Return the project's key: from ENVCHECK_KEY, else from `.envcheck.key` in its folder, else None."""
    text = (environ or {}).get(KEY_VARIABLE, "").strip()
    if not text and folder is not None:
        try:
            text = (files.text(f"{folder.rstrip('/')}/{KEY_FILE}", 4096) or "").strip()
        except (OSError, ValueError):
            return None
    return text.encode("utf-8", "surrogateescape") or None


def strip_credentials(url: str) -> str:
    """Return an address without user and password; a bare user such as `git@` stays."""
    head, slashes, rest = url.partition("://")
    if not slashes:
        return url
    end = _authority_end(rest)
    user, at, host = rest[:end].rpartition("@")
    if not at or (":" not in user and not _looks_secret(user, []) and not _is_web(head)):
        return url
    return f"{head}://{host}{rest[end:]}"


def _words(name: str) -> list[str]:
    spaced = []
    before = ""
    for place, letter in enumerate(name):
        if not letter.isalnum():
            spaced.append(" ")
        else:
            after = name[place + 1 : place + 2]
            if letter.isupper() and (before.islower() or before.isdigit() or (before.isupper() and after.islower())):
                spaced.append(" ")
            spaced.append(letter.lower())
        before = letter
    return "".join(spaced).split()


def _names_secret(words: list[str]) -> bool:
    while words and words[-1].isdigit():
        words = words[:-1]  # an item of a list is what the list is called
    joined = "".join(words)
    if words and words[-1] in _ABOUT:
        return False
    if any(part in joined for part in _ANYWHERE):
        return True
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        last = place == len(words) - 1
        if word in ("pass", "private", "pwd", "sig", "signature", "jwt"):
            if last and (before or word != "pwd"):
                return True
        elif word == "token" or (word.endswith("token") and word[:-5] not in _VOCABULARY):
            if before not in _VOCABULARY and (last or words[place + 1] not in _TOKEN_SUBJECTS):
                return True
        elif (
            word in _WORDS
            or word.endswith(("secret", "secretkey", "accesskey", "privatekey"))
            or (word in ("key", "keys") and before in _KEYS)
            or (word == "tokens" and before in _TOKEN_OWNERS)
        ):
            return True
    return False


def _is_named_secret(words: list[str], value: str) -> bool:
    if not _names_secret(words) or value.lower() in _NOTHING or _is_reference(value):
        return False
    # Under a name about tokens, special tokens and counts of tokens are no secrets.
    marked = value[0] in "<[" and value[-1] in ">]"
    counted = value.isdigit() and len(value) < len("12345678")
    return not ((marked or counted) and any("token" in word for word in words))


def _looks_secret(value: str, words: list[str]) -> bool:
    if len(value) < len("a://b:c@d"):
        return False
    if (
        ("-----BEGIN " in value and "PRIVATE KEY" in value)
        or "hooks.slack.com/services/" in value
        or ("://" in value and any(map(_url_has_password, value.split())))
    ):
        return True
    public = not _PUBLIC.isdisjoint(words)
    flag = ""
    for piece in value.translate(_BREAKS).replace(" :", ":").split():
        parts = piece.split("=")
        if (
            any(_is_named_secret(_words(name), inside) for name, inside in pairwise(parts))
            or (flag and not piece.startswith("-") and _is_named_secret(_words(flag), piece))
            or any(_is_token(part) or (not public and _is_random(part)) for part in parts)
        ):
            return True
        # `--token x`, `X-Api-Key: x`, `{"password": "x"}`, `Bearer x`
        flag = piece if piece.startswith("-") or piece.endswith(":") or piece == "Bearer" else ""
    return False


def _is_token(piece: str) -> bool:
    # A word such as sk-learn-compatible-estimators has no digit; a token without one is as good as impossible.
    return piece.startswith(_TOKENS) and len(piece) >= _SHORTEST and "/" not in piece and any(map(str.isdigit, piece))


def _is_random(piece: str) -> bool:
    """Tell whether a piece is a long hexadecimal or Base64 text that no person wrote.

    In random Base64 two neighbours differ in class (upper, lower, digit) in 62 of 100 cases; in names such as
    `TheBloke/Mixtral-8x7B-Instruct` in some 25. A text counts from 40.
    """
    if len(piece) < _RANDOM or not piece.isascii() or piece.startswith(("/", ".", "~")):
        return False
    if all(letter in "0123456789abcdefABCDEF" for letter in piece):
        return not piece.isdigit() and not piece.isalpha()
    if not all(letter.isalnum() or letter in "+/_-" for letter in piece):
        return False
    classes = [letter.isdigit() + 2 * letter.isupper() + 4 * letter.islower() for letter in piece]
    if not {1, 2, 4} <= set(classes):
        return False
    changes = sum(one != other for one, other in pairwise(classes) if one and other)
    return changes * 100 >= len(piece) * 40


def _url_has_password(text: str) -> bool:
    for before, rest in pairwise(text.split("://")):
        user, at, _ = rest[: _authority_end(rest)].rpartition("@")
        name, colon, password = user.partition(":")
        secret = password if colon else name if _is_web(before) else ""
        if at and (_looks_secret(user, []) or (secret and not _is_reference(secret))):
            return True
    return False


def _is_web(before: str) -> bool:
    """Tell whether what stands before `://` ends in http or https, where a user alone is a token."""
    return before.lower().endswith(("http", "https"))


def _authority_end(rest: str) -> int:
    ends = [place for place in map(rest.find, "/?#") if place >= 0]
    end = min(ends, default=len(rest))
    # A password may hold a raw slash: user:pa/ss@host. A port may not.
    port = rest[:end].partition(":")[2]
    if end < len(rest) and "@" in rest[end:] and "@" not in rest[:end] and port and not port.isdigit():
        after = [place for place in (rest.find(mark, rest.find("@", end)) for mark in "/?#") if place >= 0]
        return min(after, default=len(rest))
    return end


def _is_reference(value: str) -> bool:
    """Tell whether a value only names where the secret comes from: `${NAME}`, `$(NAME)` or `{{ name }}`."""
    for opening, closing in (("${", "}"), ("$(", ")"), ("{{", "}}")):
        if value.startswith(opening) and value.endswith(closing):
            inside = value[len(opening) : -len(closing)].strip()
            return inside.replace("_", "").replace(".", "").isalnum()
    return False


def _is_protected(value: str) -> bool:
    if not value.startswith(_PREFIX):
        return False
    key, _, digest = value[len(_PREFIX) :].partition(":")
    return (len(key), len(digest)) == (8, 32) and all(letter in "0123456789abcdef" for letter in key + digest)
