"""Many requests from several clients at once: no error, and no more memory at the end than after the first of them."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from api import User, check, expect
from runtime_api import Function
from sequence import PROPOSAL, Place

CLIENTS = 8
WARM_UP = 600
REQUESTS = 6_000
# What a process takes for buffers that it keeps.
GROWTH_KB = 2_048


def prove_load(place: Place, functions: list[Function]) -> None:
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda client: use(place, client, WARM_UP // CLIENTS), range(CLIENTS)))
        before = [function.memory_kb() for function in functions]
        begun = time.monotonic()
        sent = sum(threads.map(lambda client: use(place, client, REQUESTS // CLIENTS), range(CLIENTS)))
        seconds = time.monotonic() - begun
    after = [function.memory_kb() for function in functions]
    for function in functions:
        check(function.is_running(), "an instance ended")
    growth = max(late - early for early, late in zip(before, after, strict=True))
    check(growth <= GROWTH_KB, f"memory grew from {before} to {after} kB")
    print(f"load: {sent} requests of {CLIENTS} clients in {seconds:.0f} s, no error, {max(before)} kB before, {max(after)} kB after")


def use(place: Place, client: int, requests: int) -> int:
    """Does what one client does, and returns the number of its requests."""
    user, admin = User(place.api, place.tokens[("alice", "bob")[client % 2]]), place.user("root")
    chance = random.Random(client)
    sent, own = 0, []
    while sent < requests:
        sent += 1
        match chance.choice(("create", "read", "read", "change", "list", "list", "wrong", "stranger", "delete")):
            case "create":
                own.append(expect(user.post("/api/proposals", PROPOSAL | {"notes": "x" * chance.randrange(5_000)}), 201).data["id"])
            case "read" if own:
                expect(user.get(f"/api/proposals/{chance.choice(own)}"), 200)
            case "change" if own:
                expect(user.patch(f"/api/proposals/{chance.choice(own)}", {"rank": chance.randint(1, 10)}), 200)
            case "list":
                expect(user.get(f"/api/proposals?limit={chance.randint(1, 30)}"), 200)
            case "wrong":
                expect(user.post("/api/proposals", {"title": "x" * chance.randrange(201, 50_000)}), 422)
            case "stranger":
                expect(place.api.send("GET", "/api/proposals", {"authorization": "Bearer x.y.z"}), 401)
            case "delete" if own:
                expect(admin.delete(f"/api/proposals/{own.pop()}"), 204)
    for one in own:
        expect(admin.delete(f"/api/proposals/{one}"), 204)
    return sent + len(own)
