"""instructor: a client made by `from_openai`, in its default mode, which forces a tool named like the value's class."""

import instructor
from openai import OpenAI
from pydantic import BaseModel

from report import API_KEY, BASE_URL, MODEL, PROMPTS, check_plain, check_structured, leave_out, report

client = instructor.from_openai(OpenAI(base_url=BASE_URL, api_key=API_KEY))
VALUE, PARTIAL = PROMPTS["outputTool"]["Weather"], PROMPTS["outputTool"]["PartialWeather"]


class Weather(BaseModel):
    city: str
    degrees: int


def ask(prompt):
    return [{"role": "user", "content": prompt}]


def plain():
    answer = client.create(model=MODEL, messages=ask(PROMPTS["plain"]["prompt"]), response_model=None)
    return check_plain(answer.choices[0].message.content)


# A second try of its own would hide that the first answer did not fit.
ONCE = {"max_retries": 0}


def streamed():
    partials = list(
        client.create_partial(model=MODEL, messages=ask(PARTIAL["prompt"]), response_model=Weather, **ONCE)
    )
    grew = any(partial.city is None or partial.degrees is None for partial in partials)
    return {**check_structured(partials[-1], PARTIAL["expect"]), "the value grew": grew}


def structured():
    value = client.create(model=MODEL, messages=ask(VALUE["prompt"]), response_model=Weather, **ONCE)
    return check_structured(value, VALUE["expect"])


WAY = "Chat Completions"
report(WAY, "plain", plain)
report(WAY, "streamed", streamed)
leave_out(WAY, "tools", "it runs no tools")
report(WAY, "structured", structured)
