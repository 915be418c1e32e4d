"""Bedrock's Converse, which moto does not have: a model that does what the prompt's words ask of it."""

import json
import time
from collections import deque

from gateway import Handler, serve

SLOW_S = 3

GOOD = {"summary": "All of it is in order.", "points": ["One", "Two"]}


class Bedrock:
    """Answers with JSON as the generated prompts want it; to `slowly`, after a while; to `rambling`, in prose."""

    def __init__(self):
        self.asked = 0
        # What the next questions are answered with instead: a status, and the name of the error.
        self.failures: deque[tuple[int, str]] = deque()
        bedrock = self

        class Endpoint(Handler):
            def do_POST(self):
                """/model/ID/converse"""
                bedrock.asked += 1
                prompt = self.body().decode()
                if bedrock.failures:
                    status, name = bedrock.failures.popleft()
                    self.reply(status, {"x-amzn-ErrorType": name}, b'{"message":"a reason of the inside"}')
                    return
                if "slowly" in prompt:
                    time.sleep(SLOW_S)
                text = "I would rather not say." if "rambling" in prompt else json.dumps(GOOD)
                answer = {
                    "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
                    "stopReason": "end_turn",
                    "usage": {"inputTokens": 10, "outputTokens": 10, "totalTokens": 20},
                    "metrics": {"latencyMs": 1},
                }
                self.reply(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

        self._server, self.url = serve(Endpoint)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
