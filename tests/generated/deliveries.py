"""What Lambda's queue and a failing model do to background jobs: the API's program starts them, the worker's runs them,
and messages arrive late, twice, or after their item is gone."""

import json

from api import check, expect
from bedrock import GOOD, Bedrock
from gateway import Invoke
from runtime_api import Function
from sequence import PROPOSAL, Place

PRIVATE = "a private title"
# By one delivery: `max_attempts` of the generated client.
ASKED_AT_MOST = 5


def prove_deliveries(place: Place, worker: Function, invoke: Invoke, bedrock: Bedrock) -> None:
    alice, root = place.user("alice"), place.user("root")
    item = expect(alice.post("/api/proposals", PROPOSAL | {"title": PRIVATE}), 201).headers["location"]

    def start() -> bytes:
        """Starts the job, and returns the message that the worker is to get."""
        started = expect(alice.post(f"{item}/analyze"), 202)
        check(started.data["status"] == "processing", str(started))
        expect(alice.post(f"{item}/analyze"), 409, {"detail": "Already running"})
        check(len(held) == 1, f"messages: {held}")
        return held.pop()

    def status(**expected) -> dict:
        data = expect(alice.get(f"{item}/analyze-status"), 200).data
        check(data | expected == data, f"expected {expected}: {data}")
        check("inside" not in str(data), str(data))
        return data

    with invoke.holding() as held:
        status(status="pending", attempts=0)

        message, before = start(), bedrock.asked
        check(not worker.invoke(message).failed, "a job that succeeds is not to be delivered again")
        completed = status(status="completed", result=GOOD, attempts=1, error=None)
        check(not worker.invoke(message).failed, "a message that comes again is dropped")
        check(status() == completed and bedrock.asked == before + 1, "a message that comes again changes nothing")

        message = start()
        bedrock.failures.append((400, "ValidationException"))
        check(not worker.invoke(message).failed, "a failure that stays is not worth another delivery")
        status(status="failed", error="Something went wrong", result=None, attempts=1)

        message = start()
        bedrock.failures.extend([(500, "InternalServerException")] * ASKED_AT_MOST)
        check(worker.invoke(message).failed, "a failure that may pass is to be delivered again")
        check(not bedrock.failures, f"the model was asked {len(bedrock.failures)} times less than it may be")
        status(status="processing", attempts=1)
        check(not worker.invoke(message).failed, "the second delivery succeeds")
        status(status="completed", result=GOOD, attempts=2)

        message = start()
        expect(root.delete(item), 204)
        check(not worker.invoke(message).failed, "a message for an item that is gone is dropped")
        expect(alice.get(f"{item}/analyze-status"), 404)
        left = place.left_of("PROPOSAL#" + item.rpartition("/")[2])
        check(not left, f"revived: {left}")

    check(worker.is_running(), "the worker ended")
    check(not invoke.lost, f"messages that failed at every delivery: {invoke.lost}")
    log = worker.log()
    for line in log.splitlines():
        json.loads(line)
    for private in (PRIVATE, GOOD["summary"]):
        check(private not in log, f"the worker's log holds `{private}`:\n{log}")
    print("deliveries: twice, after failures that pass and that stay, and after the item is gone", flush=True)
