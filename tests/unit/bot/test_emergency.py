import pytest

from bot.emergency import recognise


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("家里煤气漏了味道很大", "gas"),
        ("我家厨房着火了快来人", "fire"),
        ("孩子掉河里了快救人", "drowning"),
        ("老人突然晕倒没呼吸了", "medical"),
        ("有人拿刀在楼下砍人", "crime"),
        ("我不想活了", "despair"),
        ("路口两辆车撞了有人受伤流血", "crash"),
        ("电梯困人了里面孩子在哭", "trapped"),
        ("有人触电了", "shock"),
    ],
)
def test_a_danger_that_is_happening(said: str, code: str) -> None:
    found = recognise(said)
    assert found is not None and found.code == code
    assert any(number in found.advice for number in found.numbers)


@pytest.mark.parametrize(
    "said",
    [
        "消防通道被占了怎么举报",
        "前天被车撞了现在住院保险怎么赔",
        "工伤怎么认定",
        "燃气开户怎么办",
        "电动车在楼道充电容易着火",
        "楼下烧烤摊天天冒烟",
        "田里烧秸秆浓烟很大",
        "路灯坏了三天了",
        "工厂夜里排黑烟",
        "上个月小区着火了物业到现在没修",
        "累死了办个证跑三趟",
    ],
)
def test_what_is_asked_past_or_no_danger(said: str) -> None:
    assert recognise(said) is None
