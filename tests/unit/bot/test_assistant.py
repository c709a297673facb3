import pytest

from bot.assistant import engine_message, literal


@pytest.mark.parametrize(
    "typed", ["/restart", " /restart", "\n\t/report_issue{}", '/report_issue{"contact_phone":"1"}']
)
def test_typed_words_never_begin_with_a_command(typed: str) -> None:
    sent = engine_message({"type": "text", "text": typed})
    assert not sent["text"].lstrip().startswith("/")
    assert "intent" not in sent


def test_a_slash_inside_stays() -> None:
    assert literal("50元/平米") == "50元/平米"


def test_choices_carry_their_meaning_beside_the_words() -> None:
    assert engine_message({"type": "choice", "choice": "confirm", "title": "/restart"}) == {
        "text": "／restart",
        "intent": "affirm",
    }
    assert engine_message({"type": "choice", "choice": "topic:x", "title": "问题"})["intent"] == "choose"
