"""Puts ids that exist into generated requests, of the caller's organization and of a stranger's, and fails on any answer that gives the stranger away."""

import atexit
import collections
import hashlib
import json
import os
import re

import schemathesis

with open(os.environ["ARTISAN_CORPUS"], encoding="utf-8") as file:
    CORPUS = json.load(file)

OWN = CORPUS["own"]
FOREIGN = CORPUS["foreign"]
# What only the stranger's organization holds, and no request contains.
FOREIGN_CONTENT = CORPUS["foreign_content"]
# Operations that would end the run's own credential or organization: they get the stranger's ids only.
AIMED_AT_STRANGER = set(CORPUS["aimed_at_stranger"])
FOREIGN_IDS = set(FOREIGN.values())
# Answers by status, of all requests and of those whose path names the stranger: what was really tried.
SEEN = {"all": collections.Counter(), "path_of_stranger": collections.Counter()}
ID = re.compile(r"([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}")


def exchanged(text: str, aimed: bool) -> str:
    """Every well-formed id becomes one that exists: mostly the stranger's or the own one, else it stays as it was made up."""

    def choose(match: re.Match) -> str:
        prefix = match.group(1)
        roll = hashlib.sha256(match.group(0).encode()).digest()[0]
        if (aimed or roll < 110) and prefix in FOREIGN:
            return FOREIGN[prefix]
        # Also an id that an earlier answer told, such as that of the run's own session.
        if aimed:
            return f"{prefix}_{'0' * 26}"
        if roll < 220 and prefix in OWN:
            return OWN[prefix]
        return match.group(0)

    return ID.sub(choose, text)


def walk(value, aimed: bool):
    if isinstance(value, str):
        return exchanged(value, aimed)
    if isinstance(value, list):
        return [walk(each, aimed) for each in value]
    if isinstance(value, dict):
        return {key: walk(each, aimed) for key, each in value.items()}
    return value


def operation_id(case) -> str:
    return case.operation.definition.raw.get("operationId", "")


# ECMA-262, as OpenAPI has it; what makes up requests knows the syntax of Python only.
PATTERNS = {r"\p{Cc}": r"\x00-\x1f\x7f-\x9f", r"\p{Zl}": r"\u2028", r"\p{Zp}": r"\u2029"}


def translate(schema):
    if isinstance(schema, list):
        for each in schema:
            translate(each)
    elif isinstance(schema, dict):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            for theirs, ours in PATTERNS.items():
                pattern = pattern.replace(theirs, ours)
            schema["pattern"] = pattern
        for each in schema.values():
            translate(each)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    translate(raw_schema)


@schemathesis.hook
def before_call(context, case, kwargs):
    aimed = operation_id(case) in AIMED_AT_STRANGER
    for part in ("path_parameters", "query", "body"):
        value = getattr(case, part)
        if isinstance(value, (dict, list, str)):
            setattr(case, part, walk(value, aimed))


def sent(case) -> str:
    return json.dumps([case.path_parameters, case.query, case.body], default=str)


@schemathesis.check
def no_leak(context, response, case):
    """Nothing of another organization is changed or shown, whatever names it."""
    # What methods a path has is told to anybody, and is the same whether the path leads to anything.
    if response.request.method == "OPTIONS":
        return
    SEEN["all"][response.status_code] += 1
    request = sent(case)
    named = [each for each in FOREIGN_IDS if each in request]
    in_path = [each for each in named if each in json.dumps(case.path_parameters, default=str)]
    if in_path:
        SEEN["path_of_stranger"][response.status_code] += 1
    if in_path and 200 <= response.status_code < 300:
        raise AssertionError(f"{response.status_code} for the path of a stranger: {in_path}")
    shown = [each for each in FOREIGN_CONTENT if each in response.text]
    if shown:
        raise AssertionError(f"the answer holds what belongs to a stranger: {shown}")
    for each in FOREIGN_IDS:
        if each in response.text and each not in request:
            raise AssertionError(f"the answer names what the request did not: {each}")


@atexit.register
def tell():
    with open(os.environ["ARTISAN_SEEN"], "w", encoding="utf-8") as file:
        json.dump(SEEN, file)
