import pytest

from core.errors import BadRequest
from core.http import need, parse_json


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"[1]",
        b"{",
        b"",
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_foreign_bytes_that_are_no_plain_object_are_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_json(raw)


def test_chinese_and_emoji_pass() -> None:
    assert parse_json('{"text": "𠮷😀\\ud83d\\ude00"}'.encode())["text"] == "𠮷😀😀"


@pytest.mark.parametrize(("body", "kind"), [({}, str), ({"f": 1}, str), ({"f": True}, int), ({"f": None}, str)])
def test_a_wrong_type_names_the_field(body: dict[str, object], kind: type) -> None:
    with pytest.raises(BadRequest) as caught:
        need(body, "f", kind)
    assert caught.value.field == "f"
