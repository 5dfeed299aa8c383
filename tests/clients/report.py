"""What a client's program says to `main.ts`: a line of JSON on stdout for each case of each of its ways to the gateway."""

import json
import os
import sys

RUN = json.loads(os.environ["CLIENT_RUN"])
BASE_URL, MODEL, API_KEY, PROMPTS = RUN["baseURL"], RUN["model"], RUN["apiKey"], RUN["prompts"]

# What the client's tool answers.
TOOL_OUTPUT = "sunny"


def report(way, name, run):
    """Runs one case; it passes with what `run` returns as checks, each of which must be true."""
    try:
        failed = [check for check, holds in run().items() if holds is not True]
        result = {"ok": not failed, **({"detail": "not so: " + ", ".join(failed)} if failed else {})}
    except Exception as thrown:  # noqa: BLE001 - whatever a client raises is its result
        result = {"ok": False, "detail": f"{type(thrown).__name__}: {thrown}"}
    sys.stdout.write(json.dumps({"way": way, "case": name, **result}) + "\n")
    sys.stdout.flush()


def check_plain(text):
    return {"the text is the answer": PROMPTS["plain"]["expect"] in text}


def check_streamed(pieces):
    return {
        "the joined text is the answer": PROMPTS["plain"]["expect"] in "".join(pieces),
        "the text came in pieces": len(pieces) > 1,
    }


def check_tool(calls, text):
    return {
        "the tool was called once": len(calls) == 1,
        "the tool got its arguments": calls[:1] == [{"city": "Paris", "unit": "C"}],
        "the answer is the one behind the tool": TOOL_OUTPUT in text,
    }


def check_structured(value, expect):
    return {
        "the value has the shape": isinstance(value.city, str) and isinstance(value.degrees, int),
        "the value is the answer": expect is None
        or (value.city, value.degrees) == (expect["city"], expect["degrees"]),
    }


def leave_out(way, name, detail):
    """Says of a case that the client does no such thing, and why."""
    sys.stdout.write(json.dumps({"way": way, "case": name, "ok": None, "detail": detail}) + "\n")
    sys.stdout.flush()
