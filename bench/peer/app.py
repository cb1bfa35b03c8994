"""The peer of bench/query: the same question in FastAPI with asyncpg, on the same PostgreSQL.

It does what such a service usually does: the question is validated, the person found by a keyed
digest of document and name, the kept answer read and given back. It seals nothing, counts no law,
limits nobody: an easier task than Kecha's.
"""

import hashlib
import hmac
import json
import os
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

KEY = b"peer"
SECRET = os.environ["PEER_API_KEY"]


class Question(BaseModel):
    category: str
    doc_type: str
    doc_number: str = Field(min_length=18, max_length=18)
    name: str = Field(min_length=2, max_length=64)
    ticket: str | None = None


def digest(number: str, name: str) -> bytes:
    return hmac.digest(KEY, f"{number}\0{name}".encode(), hashlib.sha256)


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(os.environ["PEER_PG"], min_size=8, max_size=16)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def health():
    return "ok"


@app.post("/api/v1/query")
async def query(question: Question, authorization: str = Header()):
    if not hmac.compare_digest(authorization, f"Bearer {SECRET}"):
        raise HTTPException(401)
    row = await app.state.pool.fetchrow(
        "SELECT body FROM peer WHERE key = $1", digest(question.doc_number, question.name)
    )
    if row is None:
        return {"verdict": "not_found", "certificates": [], "progress": [], "causes": []}
    return {"verdict": "found", "certificates": [json.loads(row["body"])], "progress": [], "causes": []}
