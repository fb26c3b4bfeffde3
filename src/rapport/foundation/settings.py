"""Settings: `defaults.yml` overlaid by the client's `engagement.yml`, frozen and strict.

An analyst reads a parameter as `settings.abc.cuts`; the dotted name is the same in engagement.yml, on the command line
(`-p abc.cuts=[0.7,0.9]`) and in `rapport explain abc.cuts`.
"""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from .errors import SettingsError, did_you_mean


class Strict(BaseModel):
    """A frozen pydantic model that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def key(meaning: str, example: str, default: Any = ..., **limits: Any) -> Any:
    """A field of engagement.yml with its meaning in a sentence and an example, from which docs/engagement.md is made.

    Without a `default` the key must be given. `limits` are pydantic's (`pattern`, `ge`, `min_length`, `alias` …).
    """
    return Field(default, description=meaning, examples=[example], **limits)


class Parameter(Strict):
    """One entry of defaults.yml."""

    name: str
    value: Any
    unit: str
    meaning: str
    source: str
    min: float | None = None
    max: float | None = None
    options: tuple[str, ...] | None = None
    type: str | None = None

    def annotation(self) -> Any:
        """The pydantic type of the parameter: from its default value, its bounds and its options."""
        many = isinstance(self.value, list)
        sample = (self.value[0] if self.value else 0.0) if many else self.value
        if self.type == "number":
            sample = 0.0
        kind = Literal[self.options] if self.options else type(sample)
        if kind in (int, float):
            kind = Annotated[kind, Field(ge=self.min, le=self.max)]
        if many:
            return tuple[kind, ...]
        return kind | None if self.value is None else kind


@cache
def parameters() -> dict[str, Parameter]:
    """Every parameter of the kit by dotted name, in the order of defaults.yml."""
    text = files("rapport.foundation").joinpath("defaults.yml").read_text("utf-8")
    groups = yaml.load(text, Loader=PlainLoader)
    return {
        f"{group}.{name}": Parameter(name=f"{group}.{name}", **entry)
        for group, entries in groups.items()
        for name, entry in entries.items()
    }


@cache
def _settings_model() -> type[BaseModel]:
    groups: dict[str, dict[str, Any]] = {}
    for dotted, parameter in parameters().items():
        group, name = dotted.split(".")
        default = tuple(parameter.value) if isinstance(parameter.value, list) else parameter.value
        groups.setdefault(group, {})[name] = (parameter.annotation(), default)
    made = {group: create_model(group.title(), __base__=Strict, **fields) for group, fields in groups.items()}
    return create_model("Settings", __base__=Strict, **{group: (model, model()) for group, model in made.items()})


def settings(overrides: dict[str, Any] | None = None, where: str = "parameters") -> BaseModel:
    """The kit's parameters with `overrides` (dotted name → value) laid over the defaults; frozen.

    Raises SettingsError naming the parameter, the value and what it may be.
    """
    nested: dict[str, dict[str, Any]] = {}
    for dotted, value in (overrides or {}).items():
        if dotted not in parameters():
            raise SettingsError(f"unknown parameter '{dotted}'.", where, did_you_mean(dotted, list(parameters())))
        group, name = dotted.split(".")
        nested.setdefault(group, {})[name] = value
    try:
        return _settings_model()(**nested)
    except ValidationError as error:
        first = error.errors()[0]
        dotted = ".".join(str(part) for part in first["loc"][:2])
        raise SettingsError(
            f"parameter '{dotted}' is {first['input']!r}: {first['msg'].lower()}.", where, explain(dotted)
        ) from None


def explain(dotted: str) -> str:
    """What a parameter means, in one paragraph: meaning, unit, default, range and provenance."""
    if dotted not in parameters():
        raise SettingsError(
            f"unknown parameter '{dotted}'.", "rapport explain", did_you_mean(dotted, list(parameters()))
        )
    parameter = parameters()[dotted]
    allowed = f"one of {', '.join(parameter.options)}" if parameter.options else _range(parameter)
    return (
        f"{dotted}: {parameter.meaning} Unit: {parameter.unit}. Default: {parameter.value}. "
        f"Allowed: {allowed}. Provenance: {parameter.source}."
    )


def _range(parameter: Parameter) -> str:
    low, high = parameter.min, parameter.max
    if low is None and high is None:
        return "any"
    return f"{low:g} to {high:g}" if high is not None else f"{low:g} or more"


def flatten(nested: dict[str, Any], where: str) -> dict[str, Any]:
    """`{abc: {cuts: …}}` as `{"abc.cuts": …}`; a group given as a plain value is refused."""
    flat = {}
    for group, entries in nested.items():
        if "." in group:
            flat[group] = entries
        elif not isinstance(entries, dict):
            raise SettingsError(
                f"'{group}' is a group of parameters, not a value.",
                where,
                f"write the group, then its parameters:\n{group}:\n  name: value",
            )
        else:
            flat.update({f"{group}.{name}": value for name, value in entries.items()})
    return flat


def read_yaml(path: Path) -> Any:
    """A YAML file with every scalar kept as text except true/false, numbers and null written plainly.

    `NO` (Norway) and `on` stay text, which YAML 1.1 would turn into booleans. Raises SettingsError with the line.
    """
    try:
        return yaml.load(path.read_text("utf-8"), Loader=PlainLoader)
    except FileNotFoundError:
        raise SettingsError(
            f"there is no {path.name}.", str(path.parent), "create one with: rapport new PATH --from FILES"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name} is not valid YAML: {getattr(error, 'problem', error)}.",
            f"{path}, {str(getattr(error, 'problem_mark', '')).strip()}",
            "check indentation, colons and quotes near that line; save the file as UTF-8.",
        ) from None


class PlainLoader(yaml.SafeLoader):
    """SafeLoader that reads only `true` and `false` as booleans, leaves dates as text and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
