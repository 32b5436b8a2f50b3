"""A headless Chromium that is signed in at Home Assistant, over its own DevTools protocol."""

import asyncio
import base64
import itertools
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--lang=en",
)
LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
SIGN_IN = """\
localStorage.setItem('hassTokens', JSON.stringify({{access_token: '{token}', token_type: 'Bearer', expires_in: 1e6,
  hassUrl: location.origin, clientId: location.origin + '/', expires: Date.now() + 1e9, refresh_token: ''}}));
localStorage.setItem('selectedLanguage', '"en-GB"');
localStorage.setItem('dockedSidebar', '"always_hidden"');
localStorage.setItem('selectedTheme', '{{"dark": false}}');
"""
IS_THERE = """\
(function find(root, text) {
  for (const node of root.querySelectorAll('*')) {
    if (node.shadowRoot && find(node.shadowRoot, text)) return true;
    if ([...node.childNodes].some(child => child.nodeType === 3 && child.data.includes(text))) return true;
  }
  return false;
})(document, %s)"""


class Size(NamedTuple):
    """Of the window, CSS pixels; `scale` is how many of the picture's each of them has."""

    width: int
    height: int
    scale: float = 1.0


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket, self._session = socket, session
        self._numbers = itertools.count(100)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return await _ask(self._socket, next(self._numbers), method, self._session, params)

    async def open(self, url: str, size: Size, shows: str, settle: float = 4.0) -> None:
        """Raises TimeoutError where the text does not appear within half a minute."""
        metrics = {"width": size.width, "height": size.height, "deviceScaleFactor": size.scale}
        await self.ask("Emulation.setDeviceMetricsOverride", **metrics, mobile=False)
        await self.ask("Page.navigate", url=url)
        for _ in range(60):
            if await self.evaluate(IS_THERE % json.dumps(shows)):
                await asyncio.sleep(settle)  # animations and graphs
                return
            await asyncio.sleep(0.5)
        raise TimeoutError(f"{url} does not show {shows!r}")

    async def evaluate(self, expression: str) -> Any:
        answer = await self.ask("Runtime.evaluate", expression=expression, awaitPromise=True)
        return answer["result"].get("value")

    async def png(self) -> bytes:
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])


async def _ask(
    socket: aiohttp.ClientWebSocketResponse, number: int, method: str, session: str | None, params: dict[str, Any]
) -> dict[str, Any]:
    """Raises RuntimeError with the browser's own words."""
    where = {"sessionId": session} if session else {}
    await socket.send_json({"id": number, "method": method, "params": params, **where})
    while True:
        answer = await socket.receive_json(timeout=30)
        if answer.get("id") == number:
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            found: dict[str, Any] = answer["result"]
            return found


@asynccontextmanager
async def signed_in(token: str) -> AsyncIterator[Page]:
    """A tab of a browser of its own, which ends with it."""
    with tempfile.TemporaryDirectory(prefix="ev-load-bridge-browser-", ignore_cleanup_errors=True) as profile:
        browser = await asyncio.create_subprocess_exec(
            "chromium",
            *FLAGS,
            f"--user-data-dir={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(await _where(browser), max_msg_size=0) as ws,
            ):
                target = (await _ask(ws, 1, "Target.createTarget", None, {"url": "about:blank"}))["targetId"]
                attached = await _ask(ws, 2, "Target.attachToTarget", None, {"targetId": target, "flatten": True})
                page = Page(ws, attached["sessionId"])
                await page.ask(
                    "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}]
                )
                await page.ask("Page.enable")
                await page.ask("Page.addScriptToEvaluateOnNewDocument", source=SIGN_IN.format(token=token))
                yield page
        finally:
            browser.terminate()
            await browser.wait()


async def _where(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr
    async with asyncio.timeout(30):
        async for line in browser.stderr:
            if found := LISTENING.search(line):
                return found[1].decode()
    raise RuntimeError("chromium did not start")
