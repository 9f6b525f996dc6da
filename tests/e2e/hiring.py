"""Staff of a test's own, made as an operator makes the first administrator."""

import asyncio
import os
import sys
from uuid import uuid4

from .browser import PASSWORD
from .world import World


async def hire(world: World, role: str) -> dict[str, str]:
    """The login of a new staff member."""
    email = f"{role}-{uuid4().hex[:12]}@totetaxi.test"
    settings = {"DATABASE_URL": world.stack["databases"]["customers"], "DEBUG": "true", "STAFF_PASSWORD": PASSWORD}
    options = {"email": email, "role": role, "first-name": "Kim", "last-name": "Lee"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "customers", "staff", "create", *words, env=os.environ | settings
    )
    assert await process.wait() == 0
    return {"email": email, "password": PASSWORD}
