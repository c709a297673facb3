"""The whole story in a real browser: a citizen on a phone, an agent at a desk. Screenshots stay in test-results/."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.journeys.test_main_job import LAMP
from tests.stack import RESULTS, Stack

pytestmark = [pytest.mark.journey, pytest.mark.browser]

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHOTS = RESULTS / "screenshots"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


async def open_phone(browser: Browser, stack: Stack) -> Page:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the citizen page failed: {error}"))
    await page.goto(stack.base + "/")
    return page


async def open_desk(browser: Browser, stack: Stack) -> Page:
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the desk failed: {error}"))
    await page.goto(stack.base + "/login")
    await page.get_by_label("用户名").fill("admin")
    await page.get_by_label("密码").fill(stack.admin)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url("**/desk*")
    await page.locator("[data-presence=online]").click()
    return page


async def say(page: Page, words: str) -> None:
    await page.get_by_label("输入您的问题或诉求").fill(words)
    await page.get_by_role("button", name="发送", exact=True).click()


async def shot(page: Page, name: str) -> None:
    await page.wait_for_timeout(400)
    await page.screenshot(path=str(SHOTS / f"{name}.png"))


async def test_ask_report_follow_and_reach_a_person(stack: Stack, browser: Browser) -> None:
    await stack.until_ready()
    phone = await open_phone(browser, stack)
    log = phone.get_by_role("log")
    await expect(phone.get_by_label("欢迎")).to_be_visible()
    await shot(phone, "1-welcome")

    await say(phone, "12333还能打吗")
    await expect(log.get_by_text("宿政办发〔2021〕38号").first).to_be_attached()
    await shot(phone, "2-answer")

    await say(phone, LAMP)
    await log.get_by_role("button", name="同意，留联系方式").click()
    await expect(log.get_by_text("怎么称呼您").first).to_be_visible()
    await say(phone, "我姓王")
    await expect(log.get_by_text("方便联系的电话").first).to_be_visible()
    await say(phone, "138 0000 1234")
    await expect(phone.get_by_label("请核对要提交的内容").first).to_be_visible()
    await shot(phone, "3-confirm")
    await log.get_by_role("button", name="确认提交").click()
    await expect(log.get_by_text(re.compile(r"SQ\d{14}")).first).to_be_visible()
    await expect(log.get_by_text("办结").first).to_be_visible(timeout=40_000)
    await expect(log.get_by_text("工单办结").first).to_be_visible(timeout=40_000)
    await shot(phone, "4-ticket")

    await phone.get_by_role("button", name="转人工").first.click()
    await expect(phone.get_by_text(re.compile("排队|第1位")).first).to_be_visible()
    await shot(phone, "5-queue")

    desk = await open_desk(browser, stack)
    await desk.get_by_role("button", name=re.compile("接入")).last.click()  # ours asked last
    await expect(phone.get_by_text(re.compile("管理员")).first).to_be_visible()
    answer = desk.get_by_placeholder(re.compile("回复市民"))
    await answer.fill("您好，路灯的事我看到了，请讲")
    await answer.press("Enter")
    await expect(log.get_by_text("您好，路灯的事我看到了，请讲")).to_be_visible()
    await say(phone, "修好了吗")
    await expect(desk.get_by_role("log").get_by_text("修好了吗")).to_be_visible()
    await shot(phone, "6-agent")
    await shot(desk, "7-desk")

    await desk.get_by_role("button", name=re.compile("^结束")).first.click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_text("已答复").click()
    await dialog.get_by_role("button", name=re.compile("结束|确定|确认")).last.click()
    await expect(log.get_by_text(re.compile("人工服务已结束"))).to_be_visible()
    await say(phone, "96196还能打吗")
    await expect(log.get_by_text(re.compile("96196")).last).to_be_visible()
    await shot(phone, "8-assistant-again")
