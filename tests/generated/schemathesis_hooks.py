"""Rules that OpenAPI has no words for. Requests that break them are attacks, and `attacks.py` has those."""

import schemathesis

# DynamoDB's smallest number, and its deepest value; an item begins at the second level.
SMALLEST = 1e-130
DEEPEST = 30


@schemathesis.hook
def filter_case(context, case):
    # Cursors are opaque: only the API makes them.
    return "cursor" not in (case.query or {}) and is_storable(case.body)


def is_storable(value, depth: int = 0) -> bool:
    match value:
        case bool():
            return True
        # Integers are written without a fraction, although JSON Schema takes 1.0 for one.
        case float() if value.is_integer():
            return False
        case int() | float():
            return abs(value) >= SMALLEST or value == 0
        case list():
            return depth < DEEPEST and all(is_storable(item, depth + 1) for item in value)
        case dict():
            return depth < DEEPEST and all(key and is_storable(item, depth + 1) for key, item in value.items())
    return True
