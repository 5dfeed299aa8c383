"""The `openai` package: Chat Completions, Responses and Completions, tools by hand, values by its own parser."""

import json

from openai import OpenAI
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
    leave_out,
    report,
)

client = OpenAI(base_url=BASE_URL, api_key=API_KEY)
PLAIN, TOOL = PROMPTS["plain"]["prompt"], PROMPTS["tool"]["prompt"]
FUNCTION = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string"}},
        "required": ["city", "unit"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Weather(BaseModel):
    city: str
    degrees: int


def ask(prompt):
    return [{"role": "user", "content": prompt}]


def chat_streamed():
    stream = client.chat.completions.create(model=MODEL, messages=ask(PLAIN), stream=True)
    pieces = [chunk.choices[0].delta.content for chunk in stream if chunk.choices]
    return check_streamed([piece for piece in pieces if piece])


def chat_tools():
    tools = [{"type": "function", "function": FUNCTION}]
    messages = ask(TOOL)
    first = client.chat.completions.create(model=MODEL, messages=messages, tools=tools).choices[0].message
    calls = first.tool_calls or []
    outputs = [{"role": "tool", "tool_call_id": call.id, "content": TOOL_OUTPUT} for call in calls]
    second = client.chat.completions.create(model=MODEL, messages=[*messages, first, *outputs], tools=tools)
    return check_tool([json.loads(call.function.arguments) for call in calls], second.choices[0].message.content)


def chat_structured():
    asked = PROMPTS["structured"]
    answer = client.chat.completions.parse(model=MODEL, messages=ask(asked["prompt"]), response_format=Weather)
    return check_structured(answer.choices[0].message.parsed, asked["expect"])


def responses_streamed():
    with client.responses.stream(model=MODEL, input=PLAIN) as stream:
        return check_streamed([event.delta for event in stream if event.type == "response.output_text.delta"])


def responses_tools():
    tools = [{"type": "function", **FUNCTION}]
    first = client.responses.create(model=MODEL, input=TOOL, tools=tools)
    calls = [item for item in first.output if item.type == "function_call"]
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": TOOL_OUTPUT} for call in calls]
    second = client.responses.create(model=MODEL, input=[*ask(TOOL), *first.output, *outputs], tools=tools)
    return check_tool([json.loads(call.arguments) for call in calls], second.output_text)


def responses_structured():
    asked = PROMPTS["structured"]
    answer = client.responses.parse(model=MODEL, input=asked["prompt"], text_format=Weather)
    return check_structured(answer.output_parsed, asked["expect"])


def complete():
    return client.completions.create(model=MODEL, prompt=PLAIN)


def completions_streamed():
    stream = client.completions.create(model=MODEL, prompt=PLAIN, stream=True)
    pieces = [chunk.choices[0].text for chunk in stream if chunk.choices]
    return check_streamed([piece for piece in pieces if piece])


CHAT, RESPONSES, COMPLETIONS = "Chat Completions", "Responses", "Completions"
report(
    CHAT,
    "plain",
    lambda: check_plain(
        client.chat.completions.create(model=MODEL, messages=ask(PLAIN)).choices[0].message.content
    ),
)
report(CHAT, "streamed", chat_streamed)
report(CHAT, "tools", chat_tools)
report(CHAT, "structured", chat_structured)
report(RESPONSES, "plain", lambda: check_plain(client.responses.create(model=MODEL, input=PLAIN).output_text))
report(RESPONSES, "streamed", responses_streamed)
report(RESPONSES, "tools", responses_tools)
report(RESPONSES, "structured", responses_structured)
report(COMPLETIONS, "plain", lambda: check_plain(complete().choices[0].text))
report(COMPLETIONS, "streamed", completions_streamed)
for name in ("tools", "structured"):
    leave_out(COMPLETIONS, name, "the API has no such thing")
