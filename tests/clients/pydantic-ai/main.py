"""pydantic-ai: agents on its two models of OpenAI's, with a tool, and with an output type in the default mode, a forced tool."""

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

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

provider = OpenAIProvider(base_url=BASE_URL, api_key=API_KEY)


class Weather(BaseModel):
    city: str
    degrees: int


async def stream(model):
    async with Agent(model).run_stream(PROMPTS["plain"]["prompt"]) as result:
        # By default it gives what came within 100 ms as one piece.
        return check_streamed([piece async for piece in result.stream_text(delta=True, debounce_by=None)])


def tools(model):
    calls = []
    agent = Agent(model)

    @agent.tool_plain
    def get_weather(city: str, unit: str) -> str:
        """The weather in a city."""
        calls.append({"city": city, "unit": unit})
        return TOOL_OUTPUT

    return check_tool(calls, agent.run_sync(PROMPTS["tool"]["prompt"]).output)


def structured(model):
    asked = PROMPTS["outputTool"]["final_result"]
    return check_structured(Agent(model, output_type=Weather).run_sync(asked["prompt"]).output, asked["expect"])


for way, kind in (("`OpenAIChatModel`", OpenAIChatModel), ("`OpenAIResponsesModel`", OpenAIResponsesModel)):
    model = kind(MODEL, provider=provider)
    report(way, "plain", lambda: check_plain(Agent(model).run_sync(PROMPTS["plain"]["prompt"]).output))
    report(way, "streamed", lambda: asyncio.run(stream(model)))
    report(way, "tools", lambda: tools(model))
    report(way, "structured", lambda: structured(model))
