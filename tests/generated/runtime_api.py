"""A stand-in for AWS Lambda: runs a bootstrap, gives it events through the Runtime API, and takes its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REGION = "us-east-1"


@dataclass
class Answer:
    """What a function made of an event."""

    failed: bool
    payload: bytes

    def json(self):
        return json.loads(self.payload)


class Crashed(Exception):
    """The function ended, or did not answer in time."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A function that is stopped drops its connections."""


class Function:
    """One instance of a Lambda function. It handles one event at a time, as there."""

    def __init__(self, bootstrap: Path | list, variables: dict[str, str], name: str = "function"):
        """`bootstrap` is a program, or a command with its arguments."""
        self._events: queue.Queue = queue.Queue()
        self._answers: queue.Queue = queue.Queue()
        self._server = Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        # Nothing of our own environment, so that what a function lacks it does lack.
        self._environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "TZ": ":UTC",
            **variables,
        }
        words = bootstrap if isinstance(bootstrap, list) else [bootstrap]
        self._command = [str(word) for word in words]
        # When it first asked for an event, on the clock of `time.perf_counter`.
        self.first_poll: float | None = None
        self._log = tempfile.TemporaryFile()
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "Function":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()

    def send(self, event: bytes) -> None:
        self._events.put(event)

    def answer(self, timeout: float = 30) -> Answer:
        """The answer to the event sent longest ago."""
        end = time.monotonic() + timeout
        while True:
            try:
                return self._answers.get(timeout=0.05)
            except queue.Empty:
                status = self._process.poll()
                if status is not None and self._answers.empty():
                    raise Crashed(f"ended with {status}:\n{self.log()}") from None
                if time.monotonic() > end:
                    raise Crashed(f"no answer within {timeout} s:\n{self.log()}") from None

    def invoke(self, event: bytes) -> Answer:
        if self._process is None:
            self.start()
        self.send(event)
        return self.answer()

    def wait(self, timeout: float = 10) -> int:
        """The exit status of a function that ends by itself."""
        return self._process.wait(timeout)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """All it has printed."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode()

    def memory_kb(self) -> int:
        """The most memory it has ever had in RAM."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1])

    def cpu_ms(self) -> float:
        """The processor time it has used."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def _handler(self):
        function = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self):
                """…/invocation/next"""
                function.first_poll = function.first_poll or time.perf_counter()
                event = function._events.get()
                if event is None:
                    self.close_connection = True
                    return
                deadline_ms = int(time.time() * 1000) + 30_000
                self._reply(
                    200,
                    event,
                    {
                        "Content-Type": "application/json",
                        "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                        "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:123456789012:function:local",
                        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                    },
                )

            def do_POST(self):
                """…/invocation/ID/response or …/invocation/ID/error"""
                payload = self._body()
                failed = self.path.endswith("/error")
                function._answers.put(Answer(failed, payload))
                self._reply(202, b"{}", {"Content-Type": "application/json"})

            def _body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return b"".join(chunks)

            def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
