"""What the environment says, read once, with every fault told at once.

A secret is read from the file that NAME_FILE points to (Docker mounts them under /run/secrets), or from NAME
where there is no such file, as in development.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

# What may stand in a response header, a label and a cache key alike.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,127}")
LEVELS = ["debug", "info", "warning", "error"]
# As many bits as the hash that it keys has, were it written in hex.
SIGNING_KEY_LENGTH = 32


class SettingsError(Exception):
    """The environment lacks something, or holds something that cannot be right; one line a fault."""

    def __init__(self, faults: List[str]) -> None:
        super().__init__("".join(f"\n  {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class DatabaseSettings:
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    pool_size: int
    sslmode: str


@dataclass(frozen=True)
class RedisSettings:
    host: str
    port: int
    password: Optional[str] = field(repr=False)


@dataclass(frozen=True)
class Release:
    """Which release answers, and on which side of the blue-green pair."""

    name: str
    colour: str


@dataclass(frozen=True)
class ServerSettings:
    port: int
    drain_seconds: float  # how long to go on serving after SIGTERM, asking each client to reconnect


@dataclass(frozen=True)
class Providers:
    """Language models outside; any of them may be missing."""

    anthropic_api_key: Optional[str] = field(repr=False)
    openai_api_key: Optional[str] = field(repr=False)
    ollama_url: Optional[str]


@dataclass(frozen=True)
class Settings:
    database: DatabaseSettings
    redis: RedisSettings
    release: Release
    server: ServerSettings
    log_level: str
    signing_key: Optional[str] = field(repr=False)  # without one nobody can log in, and all else works
    providers: Providers
    public_url: Optional[str]  # where browsers find this; None where nobody said
    debug: bool  # answers say what went wrong, with where: never in production


class Environment:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.faults: List[str] = []

    def text(self, name: str, default: Optional[str] = None) -> str:
        value = self.variables.get(name) or default
        if value is None:
            self.faults.append(f"{name} is not set")
            return ""
        return value

    def name(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not NAME.fullmatch(value):
            self.faults.append(f"{name} may hold letters, digits and . _ + @ - only, 128 at most: got {value!r}")
        return value

    def one_of(self, name: str, choices: List[str], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.faults.append(f"{name} must be one of {', '.join(choices)}: got {value!r}")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.faults.append(f"{name} must be a whole number from {low} to {high}: got {value!r}")
            return default
        return int(value)

    def url(self, name: str) -> Optional[str]:
        """An http(s) URL, or None where it is not set. It may hold a password: a fault does not repeat it."""
        value = self.variables.get(name) or None
        if value is not None and not is_web_url(value):
            self.faults.append(f"{name} must be a URL like http://ollama:11434")
        return value

    def secret(self, name: str, optional: bool = False) -> Optional[str]:
        """The secret, or None where neither NAME_FILE nor NAME is set; a fault never holds its content.

        An optional one is not set by an empty file either: Docker's secrets have to be there to be mounted.
        """
        path = self.variables.get(f"{name}_FILE")
        if not path:
            return self.variables.get(name) or None
        try:
            content = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            self.faults.append(f"{name}_FILE: user {os.getuid()} cannot read {path}: {reason}")
            return None
        if not content and not optional:
            self.faults.append(f"{name}_FILE: {path} is empty")
        return content or None

    def required_secret(self, name: str) -> str:
        told = len(self.faults)
        value = self.secret(name)
        if value is None and len(self.faults) == told:
            self.faults.append(f"neither {name}_FILE nor {name} is set")
        return value or ""

    def signing_key(self) -> Optional[str]:
        value = self.secret("API_SIGNING_KEY", optional=True)
        if value is not None and len(value) < SIGNING_KEY_LENGTH:
            self.faults.append(f"API_SIGNING_KEY must have at least {SIGNING_KEY_LENGTH} characters")
        return value

    def check(self) -> None:
        if self.faults:
            raise SettingsError(self.faults)


def is_web_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_database(environment: Environment) -> DatabaseSettings:
    return DatabaseSettings(
        host=environment.text("DATABASE_HOST"),
        port=environment.integer("DATABASE_PORT", 5432, 1, 65535),
        name=environment.text("DATABASE_NAME"),
        user=environment.text("DATABASE_USER"),
        password=environment.required_secret("DATABASE_PASSWORD"),
        pool_size=environment.integer("DATABASE_POOL_SIZE", 20, 1, 20),
        sslmode=environment.one_of("DATABASE_SSLMODE", ["disable", "prefer", "require"], "prefer"),
    )


def read_settings(variables: Mapping[str, str] = os.environ) -> Settings:
    """Everything the server needs. Raises SettingsError."""
    environment = Environment(variables)
    settings = Settings(
        database=read_database(environment),
        redis=RedisSettings(
            host=environment.text("REDIS_HOST"),
            port=environment.integer("REDIS_PORT", 6379, 1, 65535),
            password=environment.secret("REDIS_PASSWORD"),
        ),
        release=Release(name=environment.name("RELEASE", "dev"), colour=environment.name("COLOUR", "none")),
        server=ServerSettings(
            port=environment.integer("PORT", 8000, 1, 65535),
            drain_seconds=environment.integer("DRAIN_SECONDS", 1, 0, 3),
        ),
        log_level=environment.one_of("LOG_LEVEL", LEVELS, "info"),
        signing_key=environment.signing_key(),
        providers=Providers(
            anthropic_api_key=environment.secret("ANTHROPIC_API_KEY", optional=True),
            openai_api_key=environment.secret("OPENAI_API_KEY", optional=True),
            ollama_url=environment.url("OLLAMA_URL"),
        ),
        public_url=environment.url("PUBLIC_URL"),
        debug=environment.one_of("DEBUG", ["true", "false"], "false") == "true",
    )
    environment.check()
    return settings


def read_database_settings(variables: Mapping[str, str] = os.environ) -> DatabaseSettings:
    """What a migration needs, and no more. Raises SettingsError."""
    environment = Environment(variables)
    database = read_database(environment)
    environment.check()
    return database


def read_seed_settings(variables: Mapping[str, str] = os.environ) -> Tuple[DatabaseSettings, str]:
    """Where seeds go, and which release would sow them. Raises SettingsError."""
    environment = Environment(variables)
    database, release = read_database(environment), environment.name("RELEASE", "dev")
    environment.check()
    return database, release
