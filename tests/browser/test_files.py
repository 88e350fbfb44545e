"""Photographs and voice notes: taken without signal, sent exactly once, looked at by the desk, handed in with a step."""

import asyncio
import io
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.browser.conftest import Open
from tests.browser.desk import report_by_hand, select_case, send, take
from tests.browser.test_pages import Keep, violations
from tests.files import samples

CASES = """query($text: String!) { cases(first: 50, filter: {text: $text}) { nodes {
    id attachments { name mediaType bytes step url thumbnailUrl }
} } }"""


def photo(name: str, seed: int, size: tuple[int, int] = (3000, 2250)) -> FilePayload:
    """A photograph as a phone takes it: large, and telling where it was taken."""
    exif = Image.Exif()
    exif[samples.MAKER] = "SecretCamera"
    exif.get_ifd(samples.GPS_IFD).update({1: "N", 2: (25.0, 21.0, 30.5), 3: "E", 4: (100.0, 29.0, 11.0)})
    return FilePayload(name=name, mimeType="image/jpeg", buffer=samples.jpeg(seed, size, 92, exif))


async def cases(page: Page, text: str) -> list[dict[str, Any]]:
    """What the server holds with this text, as the page's own user sees it."""
    answer = await page.context.request.post("/graphql", data={"query": CASES, "variables": {"text": text}})
    body = await answer.json()
    assert "errors" not in body, body
    return list(body["data"]["cases"]["nodes"])


async def fits(page: Page) -> None:
    """Nothing sticks out at the side."""
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


async def test_pictures_and_a_voice_note_without_signal_arrive_exactly_once(open_page: Open, picture: Keep) -> None:
    text = f"河边护栏断了三根，附照片和录音（{uuid4().hex[:6]}）"
    page = await open_page("grid1", phone=True)
    await page.context.grant_permissions(["microphone"])
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.reload()
    await expect(page.get_by_role("button", name="从相册选")).to_be_visible()
    # What the recorder needs is fetched once with signal; the service worker keeps it.
    await page.context.set_offline(True)
    await page.get_by_test_id("photo-input").set_input_files([photo("IMG_1.jpg", 1), photo("IMG_2.jpg", 2), photo("私人.jpg", 3)])
    await expect(page.locator(".thumb")).to_have_count(3)
    await page.get_by_role("button", name="移除 私人.jpg").tap()
    await expect(page.locator(".thumb")).to_have_count(2)
    assert "私人" not in await page.content()
    assert await page.get_by_test_id("photo-input").evaluate("input => input.value") == ""
    await page.get_by_role("button", name="录音", exact=True).tap()
    await expect(page.get_by_role("timer")).to_have_text("0:01", timeout=10_000)
    await picture(page, "phone-recording")
    await page.get_by_role("button", name="停止并保存").tap()
    await expect(page.get_by_role("button", name="播放 录音1")).to_be_visible()
    await picture(page, "phone-report-files")
    assert await violations(page) == []
    await fits(page)
    await report_by_hand(page, "路灯", text, send="存到本机，有信号时自动上报")
    tile = page.locator(".tile", has_text=text)
    await expect(tile.get_by_text("等待信号，已存本机")).to_be_visible()
    await expect(tile.get_by_text(re.compile("照片 2 张，录音 1 段"))).to_be_visible()
    await page.reload()
    await expect(tile.get_by_text(re.compile("照片 2 张，录音 1 段"))).to_be_visible()
    await picture(page, "phone-outbox-files")
    lost = await lose_answers(page)
    await page.context.set_offline(False)
    for _ in range(8):
        if await tile.get_by_text("已送达").count():
            break
        await page.evaluate("dispatchEvent(new Event('online'))")
        await page.wait_for_timeout(1_500)
    await expect(tile.get_by_text("已送达")).to_be_visible()
    assert sorted(lost) == ["files", "graphql"]
    (case,) = await cases(page, text)
    assert [one["name"] for one in case["attachments"]] == ["IMG_1.jpg", "IMG_2.jpg", "录音1.webm"]
    assert [one["mediaType"] for one in case["attachments"]] == ["image/jpeg", "image/jpeg", "audio/webm"]
    got = await page.context.request.get(case["attachments"][0]["url"])
    kept = Image.open(io.BytesIO(await got.body()))
    assert (kept.size, dict(kept.getexif())) == ((1600, 1200), {})


async def lose_answers(page: Page) -> list[str]:
    """The first upload and the first report arrive, but their answers do not."""
    lost: list[str] = []

    async def lose(route: Any) -> None:
        kind = "files" if route.request.url.endswith("/files") else "graphql"
        carries = kind == "files" or '"workItemCode"' in (route.request.post_data or "")
        if carries and kind not in lost:
            lost.append(kind)
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route(re.compile(r"/(files|graphql)$"), lose)
    return lost


async def test_a_picture_that_cannot_be_read_is_said_at_once(open_page: Open) -> None:
    page = await open_page("grid2", phone=True)
    await page.get_by_test_id("photo-input").set_input_files(
        FilePayload(name="坏图.heic", mimeType="image/heic", buffer=b"\0\0\0\x18ftypheic" + b"0" * 500)
    )
    await expect(page.get_by_role("alert")).to_have_text("坏图.heic 打不开，请换一张。")
    await expect(page.locator(".thumb")).to_have_count(0)


async def test_the_desk_looks_at_pictures_from_the_keyboard(open_page: Open, picture: Keep) -> None:
    text = f"桥头路面塌陷一米见方（{uuid4().hex[:6]}）"
    phone = await open_page("grid1", phone=True)
    await phone.get_by_test_id("photo-input").set_input_files([photo("桥头远景.jpg", 11), photo("塌陷处.jpg", 12)])
    await expect(phone.locator(".thumb")).to_have_count(2)
    await report_by_hand(phone, "路灯", text)
    await expect(phone.locator(".tile", has_text=text).get_by_text("已送达")).to_be_visible(timeout=30_000)
    desk = await open_page("centre-village-officer")
    await select_case(desk, text)
    pictures = desk.get_by_role("button", name=re.compile("^查看照片"))
    await expect(pictures).to_have_count(2)
    await shown(desk, ".picture img")
    await picture(desk, "desk-case-files")
    await pictures.first.focus()
    await desk.keyboard.press("Enter")
    dialog = desk.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="桥头远景.jpg")).to_be_visible()
    await shown(desk, ".viewer img")
    await picture(desk, "desk-viewer")
    assert await violations(desk) == []
    await desk.keyboard.press("ArrowRight")
    await expect(dialog.get_by_role("heading", name="塌陷处.jpg")).to_be_visible()
    await expect(dialog.get_by_role("status")).to_have_text("2 / 2")
    await desk.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(pictures.first).to_be_focused()
    await fits(desk)
    own = await open_page("grid1", phone=True, path=f"/cases/{(await cases(phone, text))[0]['id']}")
    await expect(own.get_by_role("button", name=re.compile("^查看照片"))).to_have_count(2)
    await own.locator("#part-files").scroll_into_view_if_needed()
    await shown(own, ".picture img")
    await picture(own, "phone-case-files")
    await fits(own)
    await own.get_by_role("button", name=re.compile("^查看照片")).first.tap()
    await shown(own, ".viewer img")
    await picture(own, "phone-viewer")
    await fits(own)


async def shown(page: Page, selector: str) -> None:
    """The pictures are there, decoded."""
    await expect(page.locator(selector).first).to_be_visible()
    await page.wait_for_function(
        "s => [...document.querySelectorAll(s)].every(i => i.complete && i.naturalWidth > 0)", arg=selector
    )


async def test_a_step_takes_files_and_refuses_others_in_words(open_page: Open, picture: Keep, tmp_path: Path) -> None:
    text = f"沟边警示牌倒了一块（{uuid4().hex[:6]}）"
    phone = await open_page("grid1", phone=True)
    await report_by_hand(phone, "路灯", text)
    await expect(phone.locator(".tile", has_text=text).get_by_text("已送达")).to_be_visible(timeout=30_000)
    desk = await open_page("centre-village-officer")
    await select_case(desk, text)
    await send(desk, await take(desk, "a", "acceptCase"), "受理")
    dialog = await take(desk, "p", "addProgress")
    chooser = dialog.locator("input[type=file]")
    await chooser.set_input_files(FilePayload(name="说明.docx", mimeType="application/msword", buffer=b"PK\x03\x04" + b"0" * 99))
    await expect(dialog.get_by_role("alert")).to_contain_text("说明.docx 没有上传成功。 不接受这种文件")
    await chooser.set_input_files([
        FilePayload(name="通知.pdf", mimeType="application/pdf", buffer=samples.pdf()), photo("现场.jpg", 21),
        FilePayload(name="误选.pdf", mimeType="application/pdf", buffer=samples.pdf()),
    ])
    await expect(dialog.locator(".file")).to_have_count(3)
    await dialog.get_by_role("button", name="移除 误选.pdf").click()
    assert "误选" not in await dialog.inner_text()
    await shown(desk, ".file-picture")
    await picture(desk, "desk-step-files")
    assert await violations(desk) == []
    await dialog.get_by_label("进展").fill("已联系施工队，下午到场。")
    await send(desk, dialog, "记录进展")
    (case,) = await cases(desk, text)
    kept = [(one["name"], one["step"]) for one in case["attachments"]]
    assert kept == [("通知.pdf", "addProgress"), ("现场.jpg", "addProgress")]
    async with desk.expect_download() as saved:
        await desk.get_by_role("link", name="通知.pdf").click()
    await (await saved.value).save_as(tmp_path / "saved.pdf")
    assert await asyncio.to_thread((tmp_path / "saved.pdf").read_bytes) == samples.pdf()


@pytest.mark.parametrize("reload", [False, True])
async def test_a_voice_note_plays(open_page: Open, reload: bool) -> None:
    page = await open_page("grid2", phone=True)
    await page.context.grant_permissions(["microphone"])
    await page.get_by_role("button", name="录音", exact=True).tap()
    await expect(page.get_by_role("timer")).to_have_text("0:02", timeout=10_000)
    await page.get_by_role("button", name="停止并保存").tap()
    if reload:
        await expect(page.get_by_role("button", name="播放 录音1")).to_be_visible()
        await page.wait_for_timeout(300)
        await page.reload()
    await page.get_by_role("button", name="播放 录音1").tap()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.3")


async def test_the_verifier_is_told_of_a_picture_used_before(open_page: Open, picture: Keep) -> None:
    phone, unit = await open_page("grid1", phone=True), await open_page("cg-officer")
    desk = await open_page("centre-village-officer")
    numbers = [await handled(phone, desk, unit, f"广场石凳松动，第{place}次") for place in ("一", "二")]
    await desk.goto("/inbox")
    await select_case(desk, "广场石凳松动，第二次")
    hint = desk.locator(".reused")
    await expect(hint).to_contain_text(re.compile(f"^石凳.jpg 与 {numbers[0]} 的照片是同一文件"))
    await picture(desk, "desk-reused")
    assert await violations(desk) == []
    case = (await cases(desk, "广场石凳松动，第二次"))[0]["id"]
    await unit.goto(f"/cases/{case}")
    await expect(unit.get_by_role("button", name=re.compile("^查看照片"))).to_have_count(1)
    await expect(unit.locator(".reused")).to_have_count(0)


async def handled(phone: Page, desk: Page, unit: Page, text: str) -> str:
    """A case with one and the same picture that a unit has done; its number."""
    sent = await phone.context.request.post("/files", multipart={"file": photo("石凳.jpg", 71, (800, 600))})
    assert sent.status == 201, await sent.text()
    case = await step(phone, "reportCase", "case { id number version }", description=text, workItemCode="C-13",
                      attachmentIds=[(await sent.json())["id"]])
    subject = {"caseId": case["id"]}
    taken = await step(desk, "acceptCase", "case { version workItem { lead { id } } }", **subject, version=case["version"])
    routed = await step(desk, "routeCase", "case { assignments { id version } }", **subject, version=taken["version"],
                        organizationId=taken["workItem"]["lead"]["id"])
    (lead,) = routed["assignments"]
    await step(unit, "signAssignment", "case { id }", assignmentId=lead["id"], version=lead["version"])
    await step(unit, "completeAssignment", "case { id }", assignmentId=lead["id"], version=lead["version"] + 1, result="已紧固")
    return str(case["number"])


async def step(page: Page, name: str, selection: str, **values: Any) -> dict[str, Any]:
    """A step taken by a page's user without the page; the case."""
    document = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ {selection} problems {{ code }} }} }}"
    answer = await page.context.request.post(
        "/graphql", data={"query": document, "variables": {"i": {"key": str(uuid4()), **values}}}
    )
    payload: dict[str, Any] = (await answer.json())["data"][name]
    assert payload["problems"] == [], payload
    case: dict[str, Any] = payload["case"]
    return case


async def test_a_report_waits_for_a_recording_that_runs(open_page: Open) -> None:
    page = await open_page("grid2", phone=True)
    await page.context.grant_permissions(["microphone"])
    await page.get_by_role("button", name="录音", exact=True).tap()
    await expect(page.get_by_role("timer")).to_have_text("0:01", timeout=10_000)
    await report_by_hand(page, "路灯", "录着音就按了上报")
    await expect(page.get_by_role("alert")).to_have_text("照片或录音还没有保存好，请先停止录音。")
    await page.get_by_role("button", name="停止并保存").tap()
    await expect(page.get_by_role("button", name="播放 录音1")).to_be_visible()
    await page.locator(".submit-bar").get_by_role("button", name="上报").tap()
    await expect(page.locator(".tile", has_text="录着音就按了上报").get_by_text("已送达")).to_be_visible(timeout=30_000)
    (case,) = await cases(page, "录着音就按了上报")
    assert [one["mediaType"] for one in case["attachments"]] == ["audio/webm"]
    await page.goto(f"/cases/{case['id']}")
    await page.get_by_role("button", name="播放 录音1").tap()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.3")
