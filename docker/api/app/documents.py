"""POST /api/documents: adds one."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from .database import Database
from .embedding import literal
from .settings import Release

ADD = """
    INSERT INTO documents (title, body, embedding) VALUES ($1, $2, $3::text::vector)
    ON CONFLICT (title) DO NOTHING
    RETURNING id
"""


class NewDocument(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=10_000)


def routes(release: Release, database: Database) -> APIRouter:
    router = APIRouter()

    @router.post("/documents", status_code=201)
    async def add(document: NewDocument) -> dict:
        if "\0" in document.title + document.body:
            raise HTTPException(422, "PostgreSQL cannot store the character U+0000")
        text = literal(f"{document.title} {document.body}")
        rows = await database.write(ADD, document.title, document.body, text)
        if not rows:
            raise HTTPException(409, "a document with this title exists")
        return {"id": rows[0]["id"], "title": document.title, "release": release.name}

    return router
