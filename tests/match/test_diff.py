from __future__ import annotations

from monitor.match.diff import StoredText, compare
from tests.match.conftest import Watch

FILE = """
version: 1
concepts: {{a: {{en: [{terms}]}}}}
topics:
  topic:
    title: Topic
    report at: {report}
    mention at: 1
    rules: [{{name: rule, any: [a], score: 1}}]
"""


def test_differences_of_two_files_are_told(watch: Watch) -> None:
    old = watch(FILE.format(terms="lighthouse, keeper", report=1))
    new = watch(FILE.format(terms="lighthouse, fog", report=2))
    texts = [
        StoredText(id="1", title="The keeper went home", text=""),
        StoredText(id="2", title="The fog came in", text=""),
        StoredText(id="3", title="The lighthouse stands", text=""),
        StoredText(id="4", title="The sea is near", text=""),
    ]
    found = {(one.article, one.kind) for one in compare(old, new, texts)}
    assert found == {("1", "lost"), ("2", "added")}
    assert {(one.article, one.kind) for one in compare(new, old, texts)} == {
        ("1", "added"),
        ("2", "lost"),
    }


def test_change_of_level_is_told(watch: Watch) -> None:
    old = watch(FILE.format(terms="lighthouse", report=2))
    new = watch(FILE.format(terms="lighthouse", report=9))
    texts = [StoredText(id="1", title="The lighthouse stands", text="")]
    assert [one.kind for one in compare(old, new, texts)] == ["lowered"]
    assert [one.kind for one in compare(new, old, texts)] == ["raised"]
