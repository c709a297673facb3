import pytest

from core.redaction import redact, redact_text


@pytest.mark.parametrize(
    "secret",
    ["13800001234", "138 0000 1234", "+8613800001234", "32130219900307123X", "0527-84350000", "6222021234567890123",
     "someone@example.com"],
)  # fmt: skip
def test_numbers_that_identify_a_person_are_masked(secret: str) -> None:
    assert secret not in redact_text(f"call {secret} now")


def test_hotline_numbers_and_ticket_numbers_stay() -> None:
    assert redact_text("12345 12333 SQ20261123000123") == "12345 12333 SQ20261123000123"


def test_fields_known_to_hold_personal_data_are_dropped_whole() -> None:
    assert redact({"address": "幸福小区3号楼", "n": [{"token": "x"}]}) == {
        "address": "[已隐去]",
        "n": [{"token": "[已隐去]"}],
    }
