"""POST /api/login answers a token to who knows a user's password; GET /api/me tells whose token it is.

Without API_SIGNING_KEY both answer 503: an installation that has no users need not have a key.
"""

import asyncio
from typing import Optional

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from .database import Database
from .passwords import hash_password, is_password
from .settings import Release
from .tokens import LIFETIME_SECONDS, Tokens

# A guess costs a processor 50 ms: as many at once as leave the others for those who ask something else.
GUESSES_AT_ONCE = 2

BY_EMAIL = "SELECT id, password FROM users WHERE lower(email) = lower($1)"
BY_ID = "SELECT email FROM users WHERE id = $1"


class Credentials(BaseModel):
    email: str = Field(min_length=3, max_length=320)
    password: str = Field(min_length=1, max_length=1000)


class Doorkeeper:
    """Tells users from strangers, in the same time for a wrong password as for a user that there is not."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.turns = asyncio.Semaphore(GUESSES_AT_ONCE)
        self.nobodys: Optional[str] = None

    async def user(self, credentials: Credentials) -> Optional[int]:
        # PostgreSQL cannot hold U+0000: nobody's address has it.
        known = "\0" not in credentials.email
        rows = await self.database.read(BY_EMAIL, credentials.email) if known else []
        async with self.turns:
            right = await in_thread(is_password, credentials.password, rows[0]["password"] if rows else await self.nobody())
        return rows[0]["id"] if rows and right else None

    async def nobody(self) -> str:
        """What is checked where there is no such user. Made when first needed, since it takes as long as a guess."""
        if self.nobodys is None:
            self.nobodys = await in_thread(hash_password, "")
        return self.nobodys


def routes(release: Release, database: Database, signing_key: Optional[str]) -> APIRouter:
    router = APIRouter()
    tokens = None if signing_key is None else Tokens(signing_key)
    doorkeeper = None if signing_key is None else Doorkeeper(database)

    @router.post("/login")
    async def login(credentials: Credentials) -> dict:
        if tokens is None or doorkeeper is None:
            raise closed()
        user = await doorkeeper.user(credentials)
        if user is None:
            raise HTTPException(401, "no user has this e-mail address and password")
        return {"token": tokens.issue(user), "expiresInSeconds": LIFETIME_SECONDS}

    @router.get("/me")
    async def me(request: Request) -> dict:
        if tokens is None:
            raise closed()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = tokens.user(token.strip()) if scheme.lower() == "bearer" else None
        rows = [] if user is None else await database.read(BY_ID, user)
        if not rows:
            challenge = {"WWW-Authenticate": 'Bearer realm="api"'}
            raise HTTPException(401, "log in first: POST /api/login", headers=challenge)
        return {"email": rows[0]["email"], "release": release.name}

    return router


def in_thread(work, *arguments):
    """The answer of what keeps a processor busy, while this one goes on answering others."""
    return asyncio.get_running_loop().run_in_executor(None, work, *arguments)


def closed() -> HTTPException:
    return HTTPException(503, "nobody can log in here: API_SIGNING_KEY is not set")
