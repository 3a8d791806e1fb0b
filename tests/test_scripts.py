"""The scripts of the pages run where offices are: Chromium 86 (360 and the like) and Firefox 78 at the oldest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parent.parent / "static").glob("*.js"))
#: Comments, texts and regular expressions: what stands in them is not syntax.
ASIDE = re.compile(r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
#: What those browsers do not know, and which came with it first.
NEWER = {
    r"(\?\?|\|\||&&)=(?!=)": "logical assignment: Firefox 79",
    r"\.at\(": "Array.at: Chromium 92",
    r"\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|with)\(": "arrays: Chromium 97 and 110",
    r"\bObject\.(hasOwn|groupBy)\b": "Object.hasOwn: Chromium 93",
    r"\bstructuredClone\b": "Chromium 98",
    r"\brandomUUID\b": "Chromium 92",
    r"\bAbortSignal\.(timeout|any)\b": "Chromium 103",
    r"\bPromise\.(any|withResolvers)\b": "Firefox 79",
    r"\bWeakRef\b|\bFinalizationRegistry\b": "Firefox 79",
    r"[\s{;]#[a-z]\w*\s*[=(;]|\.#[a-z]": "private fields: Firefox 90",
    r"\bstatic\s*\{": "static blocks: Chromium 94",
    r"^(?:await|for await)\b": "await outside a function: Chromium 89",
    r"\b(import|export)\s+[\w{*]": "the pages' scripts are no modules",
    r"\.checkVisibility\(|\.showPopover\(|\bstartViewTransition\b": "Chromium 105 and later",
}


def plain(text: str) -> str:
    return ASIDE.sub(" ", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_nothing_that_an_old_browser_cannot_read(script: Path) -> None:
    text = plain(script.read_text("utf-8"))
    found = {why: hit[0] for sign, why in NEWER.items() if (hit := re.search(sign, text, re.MULTILINE))}
    assert not found, "say it in the way of Chromium 86 and Firefox 78"


@pytest.mark.parametrize(
    "said",
    [
        "a ??= b",
        "x.at(-1)",
        "Object.hasOwn(a, b)",
        "class A { #x = 1; }",
        "class A { static { } }",
        "await go()",
    ],
)
def test_the_signs_find_what_they_are_for(said: str) -> None:
    assert any(re.search(sign, plain(said), re.MULTILINE) for sign in NEWER)


def test_texts_and_comments_are_left_alone() -> None:
    assert plain("a = 'x.at(1)'; // b ??= c").strip() == "a =  ;"
