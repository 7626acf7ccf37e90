"""Nobody waits in a test.

An ask and a stream last as long as the caller says, which is half a minute or ten: where that is a number
that is allowed, it becomes none. Numbers that are not allowed stay what they are.
"""

import schemathesis

LONGEST = {"askForTasks": 3600, "watchJobRequest": 600}


def is_allowed(seconds, longest):
    """Whether the document allows it, as a number or as it stands in an address."""
    if isinstance(seconds, str):
        return seconds.isascii() and seconds.isdigit() and int(seconds) <= longest
    return type(seconds) in (int, float) and seconds == seconds // 1 and 0 <= seconds <= longest


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw["operationId"]
    if operation == "askForTasks" and isinstance(case.body, dict):
        if is_allowed(case.body.get("wait_seconds"), LONGEST[operation]):
            case.body["wait_seconds"] = 0
    if operation == "watchJobRequest":
        query = case.query if isinstance(case.query, dict) else {}
        if "wait_seconds" not in query or is_allowed(query["wait_seconds"], LONGEST[operation]):
            case.query = {**query, "wait_seconds": 0}
