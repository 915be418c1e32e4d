"""Background jobs as deployed: the API's program starts them, the worker's runs them, each as Lambda runs it.

The rest of AWS is what `cargo dev` serves. Lambda's queue and the model stand here, so that this can be slow to
deliver a message, deliver it twice, and make the model fail.
"""

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from projects import run

# What it calls its table and its bucket, and the one who may use them.
SETTINGS = {
    "DYNAMODB_TABLE_NAME": "local",
    "S3_BUCKET_NAME": "local-files",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local-secret",
}


class Queue:
    """Takes asynchronous invocations, and keeps them until they are asked for; answers as a model from a script."""

    def __init__(self):
        self.messages: deque[bytes] = deque()
        self.answers: deque[tuple[int, dict]] = deque()
        self.questions = 0
        queue = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.endswith("/invocations"):
                    queue.messages.append(body)
                    self._reply(202, b"", {})
                    return
                queue.questions += 1
                status, answer = queue.answers.popleft()
                kind = {"X-Amzn-ErrorType": answer["type"]} if "type" in answer else {}
                self._reply(status, json.dumps(answer).encode(), kind)

            def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def will_say(self, text: str) -> None:
        message = {"role": "assistant", "content": [{"text": text}]}
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        answer = {"output": {"message": message}, "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1}}
        self.answers.append((200, answer))

    def will_fail(self, status: int, kind: str, times: int = 1) -> None:
        self.answers.extend([(status, {"type": kind, "message": "a reason of the inside"})] * times)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Local:
    """The AWS of a project's `cargo dev`, with its data in a folder of its own."""

    def __init__(self, project: Path, target: str):
        variables = {"CARGO_TARGET_DIR": target, "CARGO_PROFILE_DEV_DEBUG": "0"}
        run(["cargo", "build", "--locked", "--quiet", "--example", "dev"], project, variables, quiet=True)
        self._folder = tempfile.TemporaryDirectory()
        port = free_ports()
        self._process = subprocess.Popen(
            [Path(target) / "debug/examples/dev", "--port", str(port)],
            env={**os.environ, "CARGO_MANIFEST_DIR": self._folder.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.url = f"http://127.0.0.1:{port + 1}"
        wait_for(f"http://127.0.0.1:{port}/health")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def free_ports() -> int:
    """A port that is free, as is the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def wait_for(url: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
