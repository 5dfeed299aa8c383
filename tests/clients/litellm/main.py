"""LiteLLM's SDK with its provider `openai`, tools by hand, a pydantic class as the response format."""

import json

import litellm
from pydantic import BaseModel

from report import (
    API_KEY,
    BASE_URL,
    MODEL,
    PROMPTS,
    TOOL_OUTPUT,
    check_plain,
    check_streamed,
    check_structured,
    check_tool,
    report,
)

PLAIN = PROMPTS["plain"]["prompt"]
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string"}},
    "required": ["city", "unit"],
}
TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_weather", "description": "The weather in a city", "parameters": PARAMETERS},
    }
]


class Weather(BaseModel):
    city: str
    degrees: int


def complete(messages, **more):
    return litellm.completion(
        model=f"openai/{MODEL}", api_base=BASE_URL, api_key=API_KEY, messages=messages, **more
    )


def ask(prompt):
    return [{"role": "user", "content": prompt}]


def streamed():
    pieces = [chunk.choices[0].delta.content for chunk in complete(ask(PLAIN), stream=True)]
    return check_streamed([piece for piece in pieces if piece])


def tools():
    messages = ask(PROMPTS["tool"]["prompt"])
    first = complete(messages, tools=TOOLS).choices[0].message
    calls = first.tool_calls or []
    outputs = [{"role": "tool", "tool_call_id": call.id, "content": TOOL_OUTPUT} for call in calls]
    second = complete([*messages, first, *outputs], tools=TOOLS)
    return check_tool([json.loads(call.function.arguments) for call in calls], second.choices[0].message.content)


def structured():
    asked = PROMPTS["structured"]
    answer = complete(ask(asked["prompt"]), response_format=Weather)
    return check_structured(Weather.model_validate_json(answer.choices[0].message.content), asked["expect"])


WAY = "`completion`, `openai/…`"
report(WAY, "plain", lambda: check_plain(complete(ask(PLAIN)).choices[0].message.content))
report(WAY, "streamed", streamed)
report(WAY, "tools", tools)
report(WAY, "structured", structured)
