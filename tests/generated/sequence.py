"""What clients do with the grown project's API, from signing in to deleting all of it, wherever the API runs."""

import itertools
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from api import Http, Response, User, check, expect
from bedrock import GOOD, SLOW_S

ITEMS = 2000
THREADS = 8
RACERS = 24


@dataclass(frozen=True)
class Place:
    """Where the API runs, who uses it, and what is behind it."""

    name: str
    api: Http
    tokens: dict[str, str]
    # boto3's clients, the table and the bucket.
    dynamodb: object
    table: str
    s3: object
    bucket: str
    # Whether the table's conditional writes are atomic.
    is_atomic: bool
    # Whether the bucket refuses what a URL was not signed for.
    checks_signatures: bool
    # Whether the model answers as `bedrock.py` does.
    has_our_model: bool

    def user(self, name: str) -> User:
        return User(self.api, self.tokens[name])

    def left_of(self, partition: str) -> list[str]:
        """The sort keys of all that is stored under a partition key."""
        keys = []
        query = {
            "TableName": self.table,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        }
        for page in self.dynamodb.get_paginator("query").paginate(**query):
            keys += [item["SK"]["S"] for item in page["Items"]]
        return keys

    def objects(self) -> list[str]:
        """The keys of all that is in the bucket."""
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]


PROPOSAL = {"title": "Ice cream for all", "budget": 12.5}


def prove_sequence(place: Place) -> None:
    print(f"--- {place.name}", flush=True)
    for part in (sign_in, life_of_a_proposal, rules, strangers, children, files, jobs, pages, long_pages, races):
        part(place)


def sign_in(place: Place) -> None:
    for path in ["/api/auth/me", "/api/proposals"]:
        expect(place.api.send("GET", path), 401, {"detail": "Not authenticated"})
    for name, groups in [("alice", []), ("bob", []), ("root", ["admin"])]:
        me = expect(place.user(name).get("/api/auth/me"), 200).data
        check(me["email"] == f"{name}@example.com" and me["groups"] == groups, str(me))
    print("signed in: alice, bob and an administrator", flush=True)


def life_of_a_proposal(place: Place) -> None:
    alice, root = place.user("alice"), place.user("root")
    created = expect(alice.post("/api/proposals", PROPOSAL), 201)
    proposal = created.data
    path = f"/api/proposals/{proposal['id']}"
    check(created.headers["location"] == path, str(created))
    check(proposal["status"] == "draft" and proposal["version"] == 1, str(proposal))
    check(proposal["description"] is None and proposal["budget"] == 12.5, str(proposal))

    read = expect(alice.get(path), 200)
    check(read.data == proposal, f"{read.data} is not {proposal}")
    changes = {"description": "Größe: 😀", "tags": ["a", "b"], "due": "2028-02-29", "rank": 10, "extra": {"deep": [1, None]}}
    changed = expect(alice.patch(path, changes, {"if-match": read.headers["etag"]}), 200).data
    check({name: changed[name] for name in changes} == changes, str(changed))
    check(changed["version"] == 2 and changed["title"] == proposal["title"], str(changed))

    expect(alice.patch(path, {"rank": 1}, {"if-match": read.headers["etag"]}), 412)
    expect(alice.patch(path, {"rank": 1, "version": 1}), 409)
    cleared = expect(alice.patch(path, {"description": None, "due": None}), 200).data
    check(cleared["description"] is None and cleared["due"] is None and cleared["rank"] == 10, str(cleared))

    expect(alice.patch(path, {"status": "completed"}), 200)
    for status, count in [("completed", 1), ("draft", 0)]:
        listed = expect(alice.get(f"/api/proposals?status={status}"), 200).data
        check([item["id"] for item in listed].count(proposal["id"]) == count, f"{status}: {listed}")

    expect(alice.delete(path), 403)
    expect(root.delete(path), 204)
    for method in ("GET", "PATCH"):
        expect(alice.send(method, path, {} if method == "PATCH" else None), 404, {"detail": "Proposal not found"})
    expect(root.delete(path), 404)
    print("created, read, changed, cleared, listed by status, deleted", flush=True)


def rules(place: Place) -> None:
    alice = place.user("alice")
    wrong = {
        "title": " ",
        "budget": 0,
        "status": "done",
        "rank": 11,
        "due": "2027-02-29",
        "contact": "alice",
        "tags": ["", "x" * 21],
        "colour": "red",
    }
    refused = expect(alice.post("/api/proposals", wrong), 422).json()
    places = {".".join(str(part) for part in error["loc"]) for error in refused["detail"]}
    wanted = {f"body.{name}" for name in wrong if name != "tags"} | {"body.tags.0", "body.tags.1"}
    check(places == wanted, f"the errors are at {places}")
    for field, accepted, refused in [
        ("title", ["x", "ß" * 200, "😀" * 200], ["", "x" * 201]),
        ("budget", [0.01, 10000000, "0.1", "9999999.99999999999999999999"], [0, -1, 10000001, "x", True, None]),
        ("rank", [1, 10, None], [0, 11, 1.5, "x"]),
        ("tags", [[], ["x"] * 5, None], [["x"] * 6, "x", [1]]),
        ("status", ["draft", "failed"], ["Draft", "", None]),
    ]:
        for value in accepted:
            created = expect(alice.post("/api/proposals", PROPOSAL | {field: value}), 201).data
            expect(place.user("root").delete(f"/api/proposals/{created['id']}"), 204)
        for value in refused:
            answer = expect(alice.post("/api/proposals", PROPOSAL | {field: value}), 422)
            check(field in answer.json()["detail"][0]["loc"], str(answer))
    print("rules hold at both sides of their bounds, and all broken ones are told at once", flush=True)


def strangers(place: Place) -> None:
    """Nobody else's item can be told from one that does not exist."""
    alice, bob, root = (place.user(name) for name in ("alice", "bob", "root"))
    item = expect(alice.post("/api/proposals", PROPOSAL), 201).data
    path = f"/api/proposals/{item['id']}"
    document = expect(alice.post(f"{path}/documents", {"filename": "a.txt"}), 201).data
    child = f"{path}/documents/{document['id']}"
    missing = "/api/proposals/00000000-0000-7000-8000-000000000000"
    for method, below, body in [
        ("GET", "", None),
        ("PATCH", "", {"title": "mine now"}),
        ("GET", "/documents", None),
        ("POST", "/documents", {"filename": "b.txt"}),
        ("GET", f"/documents/{document['id']}", None),
        ("PATCH", f"/documents/{document['id']}", {"filename": "c.txt"}),
    ]:
        foreign = expect(bob.send(method, path + below, body), 404)
        absent = expect(bob.send(method, missing + below, body), 404)
        check(foreign.body == absent.body, f"{method} {below}: {foreign} is not {absent}")
        expect(place.api.send(method, path + below), 401)
    for own in (path, child):
        expect(bob.delete(own), 403)
    check(item["id"] not in {listed["id"] for listed in everything(bob, "/api/proposals")}, "bob lists alice's")

    # By the path of a parent of his own he gets no further.
    mine = expect(bob.post("/api/proposals", PROPOSAL), 201).data
    expect(bob.get(f"/api/proposals/{mine['id']}/documents/{document['id']}"), 404)
    expect(root.get(path), 200)
    check(expect(alice.get(child), 200).data == document, "the document was changed")
    for one in (item, mine):
        expect(root.delete(f"/api/proposals/{one['id']}"), 204)
    print("other users' items do not exist", flush=True)


def children(place: Place) -> None:
    """More of them than one transaction or one batch takes."""
    alice, root = place.user("alice"), place.user("root")
    item = expect(alice.post("/api/proposals", PROPOSAL), 201).data
    path = f"/api/proposals/{item['id']}"
    names = [f"{number:03}.txt" for number in range(130)]
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda name: alice.post(f"{path}/documents", {"filename": name}), names))
    for answer in answers:
        expect(answer, 201)
    listed = everything(alice, f"{path}/documents?limit=50")
    check(sorted(one["filename"] for one in listed) == names, f"{len(listed)} documents")
    check(len(place.left_of(f"PROPOSAL#{item['id']}")) == 131, "what is stored")
    expect(root.delete(path), 204)
    left = place.left_of(f"PROPOSAL#{item['id']}")
    check(not left, f"left of a deleted proposal: {left}")
    expect(alice.get(f"{path}/documents"), 404)
    expect(alice.post(f"{path}/documents", {"filename": "late.txt"}), 404)
    print(f"deleted with all of its {len(names)} documents", flush=True)


PDF = b"%PDF-1.7 " + bytes(range(256)) * 400


def files(place: Place) -> None:
    """Bytes go to the bucket and come back as they were, and no object outlives its item."""
    alice, bob, root = (place.user(name) for name in ("alice", "bob", "root"))
    path = expect(alice.post("/api/proposals", PROPOSAL), 201).headers["location"]
    documents = [expect(alice.post(f"{path}/documents", {"filename": "a.pdf"}), 201).data for _ in range(2)]
    item = f"{path}/documents/{documents[0]['id']}"
    content = f"{item}/content"
    check(documents[0]["content"] is None, str(documents[0]))
    expect(alice.get(f"{content}/download-url"), 404)

    name = "../../Gr\u00f6\u00dfe \"1\".pdf"
    wanted = {"file_name": name, "content_type": "application/pdf", "size": len(PDF)}
    for wrong in [{"content_type": "text/html"}, {"size": 1_000_001}, {"size": 0}, {"size": -1}, {"file_name": ""}, {"key": "x"}]:
        expect(alice.post(f"{content}/upload-url", wanted | wrong), 422)
    announced = expect(alice.post(f"{content}/upload-url", wanted), 200).data
    confirmation = {"upload_id": announced["upload_id"]}
    expect(alice.post(content, confirmation), 409)
    if place.checks_signatures:
        for data, changes in [(PDF, {"content-type": "text/html"}), (PDF + b"x", {}), (PDF[1:], {})]:
            check(transfer(announced, data, changes) == 403, "an upload that was not signed")
    check(transfer(announced, PDF) == 200, "the upload")
    for stranger in (bob.post(content, confirmation), bob.get(f"{content}/download-url")):
        expect(stranger, 404)
    other = f"{path}/documents/{documents[1]['id']}/content"
    expect(alice.post(other, confirmation), 409)

    stored = expect(alice.post(content, confirmation), 200).data["content"]
    check(stored["size"] == len(PDF) and stored["content_type"] == "application/pdf", str(stored))
    check("/" not in stored["file_name"] and stored["file_name"].endswith(".pdf"), str(stored))
    shown = expect(alice.get(item), 200)
    check(documents[0]["id"] not in str(shown.data["content"]), f"a key in {shown}")
    url = expect(alice.get(f"{content}/download-url"), 200).data["download_url"]
    with urllib.request.urlopen(url) as answer:
        check(answer.read() == PDF, "what comes back is not what was sent")
        check(answer.headers["content-disposition"].startswith("attachment"), str(answer.headers))
    check(len(place.objects()) == 1, str(place.objects()))

    # Another one takes its place, and then the first is gone.
    announced = expect(alice.post(f"{content}/upload-url", wanted | {"size": 3}), 200).data
    check(transfer(announced, b"two") == 200, "the second upload")
    expect(alice.post(content, {"upload_id": announced["upload_id"]}), 200)
    check(len(place.objects()) == 1, f"left of the first: {place.objects()}")
    expect(alice.delete(content), 204)
    check(not place.objects(), f"left of a deleted file: {place.objects()}")
    expect(alice.get(f"{content}/download-url"), 404)

    for document in documents:
        below = f"{path}/documents/{document['id']}/content"
        for _ in range(2):
            announced = expect(alice.post(f"{below}/upload-url", wanted), 200).data
            check(transfer(announced, PDF) == 200, "an upload")
        expect(alice.post(below, {"upload_id": announced["upload_id"]}), 200)
    check(len(place.objects()) == 4, str(place.objects()))
    expect(root.delete(item), 204)
    check(len(place.objects()) == 2, f"left of a deleted document: {place.objects()}")
    expect(root.delete(path), 204)
    check(not place.objects(), f"left of a deleted proposal: {place.objects()}")
    print("files: sent, confirmed, fetched byte for byte, replaced, and gone with their items", flush=True)


def transfer(announced: dict, data: bytes, changes: dict[str, str] | None = None) -> int:
    """Uploads as the API said, and returns the status."""
    given = announced["headers"] | (changes or {})
    # The length is that of the data, whatever was announced.
    headers = {name: value for name, value in given.items() if name.lower() != "content-length"}
    request = urllib.request.Request(announced["upload_url"], data, headers, method=announced["method"])
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


JOB_ENDS_WITHIN_S = 60


def jobs(place: Place) -> None:
    alice, bob, root = (place.user(name) for name in ("alice", "bob", "root"))

    def proposal(title: str) -> str:
        return expect(alice.post("/api/proposals", PROPOSAL | {"title": title}), 201).headers["location"]

    path = proposal("Ice cream")
    status = f"{path}/analyze-status"
    check(expect(alice.get(status), 200).data["status"] == "pending", "before the start")
    for answer in (bob.post(f"{path}/analyze"), bob.get(status)):
        expect(answer, 404)
    started = expect(alice.post(f"{path}/analyze"), 202)
    check(started.data["status"] == "processing" and started.headers["location"] == status, str(started))
    ended = wait_for_end(alice, status)
    if not place.has_our_model:
        check(ended["status"] in ("completed", "failed"), str(ended))
        print(f"jobs: started, and {ended['status']}", flush=True)
    else:
        check(ended["status"] == "completed" and ended["result"] == GOOD and ended["error"] is None, str(ended))
        expect(alice.post(f"{path}/analyze"), 202)
        check(wait_for_end(alice, status)["status"] == "completed", "the second run")

        rambling = proposal("rambling")
        expect(alice.post(f"{rambling}/analyze"), 202)
        failed = wait_for_end(alice, f"{rambling}/analyze-status")
        check(failed["status"] == "failed" and failed["error"] and failed["result"] is None, str(failed))
        expect(root.delete(rambling), 204)

        slow = proposal("slowly")
        if place.is_atomic:
            answers = race(lambda _: alice.post(f"{slow}/analyze"), range(RACERS))
            check(answers == [202] + [409] * (RACERS - 1), f"starts: {answers}")
        else:
            expect(alice.post(f"{slow}/analyze"), 202)
            expect(alice.post(f"{slow}/analyze"), 409)
        # The worker finds nothing to write to, and makes nothing.
        expect(root.delete(slow), 204)
        time.sleep(2 * SLOW_S)
        left = place.left_of("PROPOSAL#" + slow.rpartition("/")[2])
        check(not left, f"revived: {left}")
        print("jobs: one start wins, completed, failed, run again, and gone with their item", flush=True)
    expect(root.delete(path), 204)
    left = place.left_of("PROPOSAL#" + path.rpartition("/")[2])
    check(not left, f"left of a deleted proposal: {left}")


def wait_for_end(user: User, status: str) -> dict:
    end = time.monotonic() + JOB_ENDS_WITHIN_S
    while True:
        state = expect(user.get(status), 200).data
        if state["status"] not in ("pending", "processing"):
            return state
        check(time.monotonic() < end, f"the job does not end: {state}")
        time.sleep(0.1)


def pages(place: Place) -> None:
    bob = place.user("bob")
    bodies = [PROPOSAL | {"title": f"{number}", "status": "failed" if number % 40 == 0 else "draft"} for number in range(ITEMS)]
    with ThreadPoolExecutor(THREADS) as threads:
        created = [expect(answer, 201).data for answer in threads.map(lambda body: bob.post("/api/proposals", body), bodies)]
    expected = {item["id"] for item in created}
    for limit in (100, 99):
        listed = everything(bob, f"/api/proposals?limit={limit}")
        ids = [item["id"] for item in listed]
        check(len(ids) == len(set(ids)) and set(ids) == expected, f"{len(ids)} items, {len(set(ids))} different ones")
        times = [item["created_at"] for item in listed]
        check(times == sorted(times, reverse=True), "the newest are not first")
    failed = everything(bob, "/api/proposals?status=failed&limit=7")
    check(len(failed) == ITEMS // 40 and {item["status"] for item in failed} == {"failed"}, f"{len(failed)} failed ones")

    # What comes and goes while somebody reads on neither hides nor repeats the rest.
    first = expect(bob.get("/api/proposals?limit=100"), 200)
    late = expect(bob.post("/api/proposals", PROPOSAL), 201).data
    gone = first.data[-1]
    expect(place.user("root").delete(f"/api/proposals/{gone['id']}"), 204)
    rest = everything(bob, "/api/proposals?limit=100", first.json()["next_cursor"])
    ids = [item["id"] for item in first.data + rest]
    check(len(ids) == ITEMS and set(ids) == expected and late["id"] not in ids, f"{len(ids)} items")
    print(f"pages: all {ITEMS} items, each once, the newest first, while others come and go", flush=True)


def long_pages(place: Place) -> None:
    """DynamoDB answers 1 MB at a time, and Lambda 6 MB."""
    root = place.user("root")
    created = [expect(root.post("/api/proposals", PROPOSAL | {"notes": "ß" * 90_000}), 201).data["id"] for _ in range(40)]
    cursor, found = None, []
    for number in itertools.count(1):
        answer = expect(root.get("/api/proposals?limit=100" + (f"&cursor={cursor}" if cursor else "")), 200)
        check(len(answer.body) < 6_000_000, f"an answer of {len(answer.body)} bytes")
        found += [item["id"] for item in answer.data]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    check(sorted(found) == sorted(created), f"{len(found)} items")
    for one in created:
        expect(root.delete(f"/api/proposals/{one}"), 204)
    print(f"pages: {len(found)} items of 180 kB in {number} answers", flush=True)


def races(place: Place) -> None:
    """Of several who change the same version, exactly one does."""
    if not place.is_atomic:
        print("no races: its conditional writes are not atomic", flush=True)
        return
    alice, root = place.user("alice"), place.user("root")
    for _ in range(5):
        path = expect(alice.post("/api/proposals", PROPOSAL), 201).headers["location"]
        racers = range(RACERS)

        statuses = race(lambda number: alice.patch(path, {"rank": number % 10 + 1}, {"if-match": '"1"'}), racers)
        check(statuses == [200] + [412] * (RACERS - 1), f"If-Match: {statuses}")
        statuses = race(lambda number: alice.patch(path, {"title": f"{number}", "version": 2}), racers)
        check(statuses == [200] + [409] * (RACERS - 1), f"version: {statuses}")
        check(expect(alice.get(path), 200).data["version"] == 3, "two changed one version")

        # Without a version everybody may, and nobody's change gets lost.
        statuses = race(lambda number: alice.patch(path, {"tags": [f"{number}"]}), racers)
        check(statuses == [200] * RACERS, f"no version: {statuses}")
        check(expect(alice.get(path), 200).data["version"] == 3 + RACERS, "a change was lost")

        # A child is either deleted with its parent or never made.
        partition = "PROPOSAL#" + path.rpartition("/")[2]
        body = {"filename": "late.txt"}
        both = race(lambda number: root.delete(path) if number == 5 else alice.post(f"{path}/documents", body), racers)
        check(both.count(204) == 1 and set(both) <= {201, 204, 404}, f"deletion: {both}")
        left = place.left_of(partition)
        check(not left, f"left of a deleted proposal: {left}")
        statuses = race(lambda _: root.delete(path), racers)
        check(statuses == [404] * RACERS, f"deleted again: {statuses}")
    print(f"races of {RACERS}: one change of a version wins, no child outlives its parent", flush=True)


def race(one, racers) -> list[int]:
    with ThreadPoolExecutor(len(racers)) as threads:
        return sorted(answer.status for answer in threads.map(one, racers))


def everything(user: User, path: str, cursor: str | None = None) -> list[dict]:
    """All items of a list, page by page."""
    found = []
    for _ in range(10_000):
        mark = "&" if "?" in path else "?"
        page: Response = expect(user.get(f"{path}{mark}cursor={cursor}" if cursor else path), 200)
        found += page.data
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return found
    raise SystemExit("FAILED: the list has no end")
