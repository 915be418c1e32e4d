"""Stand-ins for what calls functions in AWS: API Gateway's HTTP API, and Lambda's queue of asynchronous invocations.

moto runs functions in Docker containers only. These run bootstraps as they are; what a function is given and what becomes
of its answers follows AWS:

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import contextlib
import http.client
import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from api import from_lambda
from runtime_api import Function

# Lambda delivers a message that failed twice again, after minutes; here at once.
DELIVERIES = 3


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(handler: type[Handler]) -> tuple[Server, str]:
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


class Gateway:
    """Gives each request to an instance that has none."""

    def __init__(self, instances: list[Function]):
        self._idle: queue.Queue[Function] = queue.Queue()
        for instance in instances:
            self._idle.put(instance)
        gateway = self

        class Front(Handler):
            def answer(self):
                event = http_event(self.command, self.path, self.headers.items(), self.body())
                function = gateway._idle.get()
                try:
                    answer = function.invoke(json.dumps(event).encode())
                finally:
                    gateway._idle.put(function)
                if answer.failed:
                    self.reply(500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}')
                    return
                response = from_lambda(answer)
                own = ("content-length", "connection", "transfer-encoding")
                headers = {name: value for name, value in response.headers.items() if name not in own}
                self.reply(response.status, headers, response.body)

            def __getattr__(self, name: str):
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

        self._server, self.url = serve(Front)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Invoke:
    """Lambda's Invoke: what the Lambda behind it takes for later goes to the function of that name, until it succeeds."""

    def __init__(self, behind: str):
        # Filled after the start: functions are told the URL of this.
        self.functions: dict[str, Function] = {}
        # Messages that failed every time.
        self.lost: list[bytes] = []
        self._held: list[bytes] | None = None
        self._threads = ThreadPoolExecutor(8)
        self._one_at_a_time: dict[str, threading.Lock] = {}
        invoke = self

        class Endpoint(Handler):
            def do_POST(self):
                """/2015-03-31/functions/NAME/invocations"""
                payload = self.body()
                status, headers, body = passed_on(behind + self.path, dict(self.headers), payload)
                if status == 202:
                    invoke._take(unquote(self.path.split("/")[3]), payload)
                self.reply(status, headers, body)

        self._server, self.url = serve(Endpoint)

    @contextlib.contextmanager
    def holding(self) -> Iterator[list[bytes]]:
        """Keeps what is taken from now on, to be delivered by hand: late, twice, or never."""
        self._held = []
        try:
            yield self._held
        finally:
            self._held = None

    def _take(self, name: str, payload: bytes) -> None:
        if self._held is None:
            self._threads.submit(self._deliver, name, payload)
        else:
            self._held.append(payload)

    def _deliver(self, name: str, payload: bytes) -> None:
        for _ in range(DELIVERIES):
            with self._one_at_a_time.setdefault(name, threading.Lock()):
                answer = self.functions[name].invoke(payload)
            if not answer.failed:
                return
        self.lost.append(payload)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._server.shutdown()
        self._server.server_close()


def passed_on(url: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """What another server answers to a POST."""
    place = urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(place.hostname, place.port, timeout=60)) as connection:
        connection.request("POST", url.removeprefix(f"http://{place.netloc}"), body, headers)
        answer = connection.getresponse()
        of_connection = ("connection", "content-length", "date", "server", "transfer-encoding")
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in of_connection}
        return answer.status, kept, answer.read()


def http_event(method: str, target: str, headers, body: bytes) -> dict:
    """The event of a request, in payload format 2.0."""
    url = urlsplit(target)
    found: dict[str, str] = {}
    cookies = []
    for name, value in headers:
        name = name.lower()
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";")]
        else:
            found[name] = f"{found[name]},{value}" if name in found else value
    query: dict[str, str] = {}
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    now = time.time()
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(url.path),
        "rawQueryString": url.query,
        "headers": found,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": method,
                "path": unquote(url.path),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": found.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = query
    if body:
        text = as_text(found.get("content-type", ""), body)
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(body).decode() if text is None else text
    return event


def as_text(content_type: str, body: bytes) -> str | None:
    """API Gateway passes text on as it is, and everything else in base64."""
    if not any(kind in content_type for kind in ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
