"""Requests to the API, and what its answers should be."""

import base64
import http.client
import json
import sys
import threading
from urllib.parse import urlsplit

from runtime_api import Answer, Function

REGION = "us-east-1"


class Response:
    def __init__(self, status: int, headers: dict[str, str], body: bytes):
        self.status = status
        self.headers = headers
        self.body = body
        # What it is the answer to, for messages.
        self.asked = ""

    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        """What is in the envelope of a success."""
        return self.json()["data"]

    def __str__(self) -> str:
        return f"{self.status} {self.headers} {self.body[:500]!r}"


def from_lambda(answer: Answer) -> Response:
    """What API Gateway makes of a function's answer."""
    check(not answer.failed, f"the invocation failed: {answer.payload[:500]!r}")
    found = answer.json()
    headers = {name.lower(): value for name, value in found["headers"].items()}
    for name, values in found.get("multiValueHeaders", {}).items():
        headers.setdefault(name.lower(), ", ".join(values))
    body = found.get("body") or ""
    return Response(found["statusCode"], headers, base64.b64decode(body) if found["isBase64Encoded"] else body.encode())


class Events:
    """Sends requests to one instance of a function as API Gateway does: as events of its payload format 2.0."""

    def __init__(self, function: Function, event: dict):
        self.function = function
        self.event = event

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        path, _, query = path.partition("?")
        event = json.loads(json.dumps(self.event))
        event["rawPath"] = path
        event["rawQueryString"] = query
        event.pop("queryStringParameters", None)
        event.pop("cookies", None)
        event["headers"] = {"host": "api.example.com"} | (headers or {})
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event["body"] = base64.b64encode(body).decode()
        event["isBase64Encoded"] = True
        return from_lambda(self.function.invoke(json.dumps(event).encode()))


class Http:
    """Sends requests over HTTP, each thread on a connection of its own."""

    def __init__(self, url: str):
        self.url = url
        self._mine = threading.local()

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            place = urlsplit(self.url)
            connection = self._mine.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, found, answer.read())


class User:
    """Somebody who is signed in."""

    def __init__(self, api: Events | Http, token: str):
        self.api = api
        self.token = token

    def send(self, method: str, path: str, body=None, headers: dict[str, str] | None = None) -> Response:
        own = {"authorization": f"Bearer {self.token}"}
        if body is None:
            return self.api.send(method, path, own | (headers or {}))
        own["content-type"] = "application/json"
        return self.api.send(method, path, own | (headers or {}), json.dumps(body).encode())

    def get(self, path: str) -> Response:
        return self.send("GET", path)

    def post(self, path: str, body=None) -> Response:
        return self.send("POST", path, body)

    def patch(self, path: str, body, headers: dict[str, str] | None = None) -> Response:
        return self.send("PATCH", path, body, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.send("DELETE", path, headers=headers)


def expect(response: Response, status: int, body=None) -> Response:
    check(response.status == status, f"expected {status}: {response}")
    if body is not None:
        check(response.json() == body, f"expected {body}: {response}")
    return response


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"FAILED: {otherwise}")
