"""What a model may call: the Tool protocol, the context of a run, tools with typed arguments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from slackbot.messages import ToolResult

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """How a tool is described: to a model, and by `activity` to the people who wait for it.

    `input_schema` is a JSON schema of type object. `activity` reads well after "is": "searching
    Confluence". `source` is what people call the source that it asks, if it is one.
    """

    name: str
    description: str
    input_schema: Mapping[str, object]
    activity: str = "looking things up"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Who asks, where, and until when: all that a tool may know of the run that calls it.

    `deadline` is in seconds since the epoch. `action_token`, a secret, came with the question and
    lets its place be searched in the name of `asker`. Frozen and made of plain values, so that it
    can be written down and read again.
    """

    run_id: str
    team: str
    channel: str
    thread_ts: str
    asker: str
    deadline: float
    action_token: str | None = field(default=None, repr=False)


class Tool(Protocol):
    """Something that a model can call.

    `run` answers bad arguments and expected failures with an error result that tells the model what
    to do; it may raise any `SlackbotError`, which the agent turns into one.
    """

    @property
    def spec(self) -> ToolSpec:
        """Name, description and argument schema."""
        ...

    async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
        """Run the tool with the arguments that the model gave, unchecked as they are."""
        ...


Arguments = TypeVar("Arguments", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class TypedTool(Generic[Arguments]):
    """A tool whose arguments are a pydantic model and whose work is one async function."""

    name: str
    description: str
    arguments: type[Arguments]
    handler: Callable[[Arguments, RunContext], Awaitable[ToolResult]]
    activity: str = "looking things up"

    @property
    def spec(self) -> ToolSpec:
        """Name, description, and the JSON schema of the argument model."""
        return ToolSpec(self.name, self.description, _schema(self.arguments), self.activity)

    async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
        """Validate the arguments, then do the work; name what is wrong with them otherwise."""
        try:
            parsed = self.arguments.model_validate(arguments)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
                for problem in error.errors(include_url=False, include_input=False)
            )
            return ToolResult(f"Arguments not accepted: {problems}.", is_error=True)
        return await self.handler(parsed, context)


@dataclass(frozen=True, slots=True)
class SourceTool:
    """A tool, and what people call the source that it asks."""

    tool: Tool
    source: str

    @property
    def spec(self) -> ToolSpec:
        """What the tool says of itself, with its source."""
        return replace(self.tool.spec, source=self.source)

    async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
        """Run the tool."""
        return await self.tool.run(arguments, context)


class _BriefSchema(GenerateJsonSchema):
    """Leaves out what tells a model nothing: titles, and values that stand for "left out"."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's own
        """None has one: their names say as much."""
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Describe the value; whoever has none leaves it out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Name a default only if it says something."""
        described = super().default_schema(schema)
        if not described.get("default"):
            described.pop("default", None)
        return described


@cache
def _schema(arguments: type[BaseModel]) -> Mapping[str, object]:
    """Return the JSON schema of an argument model, which every request to a model names again."""
    schema = arguments.model_json_schema(schema_generator=_BriefSchema)
    return {key: value for key, value in schema.items() if key not in ("title", "description")}
