"""What holds for every page of ours, whatever it shows: WCAG by axe, sizes of what is pressed and read."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # what passes is not looked at again, nor told
    "resultTypes": ["violations"],
}
_RUN = "(rules) => axe.run(rules).then((found) => found.violations)"
#: CSS pixels of whatever is pressed, but for links inside a sentence.
TOUCH = 48
#: CSS pixels of the smallest letters.
LETTERS = 18

_PRESSED = "button, input:not([type=hidden]), textarea, summary, a.call, a.file"
_SMALL = """([touch, pressed]) => [...document.querySelectorAll(pressed)]
  .filter((one) => one.offsetParent !== null || getComputedStyle(one).position === 'fixed')
  // a box is pressed by the label around it
  .map((one) => [one.outerHTML.slice(0, 90), (one.closest('label.tick') || one).getBoundingClientRect()])
  .filter(([, box]) => box.height < touch - 0.5 || box.width < Math.min(touch, 20) - 0.5)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
_SMALL_LETTERS = """(least) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(parent.tagName)) continue;
    if (parent.getClientRects().length && parseFloat(getComputedStyle(parent).fontSize) < least - 0.01)
      found.push(walker.currentNode.data.trim());
  }
  return found;
}"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, _RULES)
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}" for each in found]


def faults_of(page: Page) -> list[str]:
    """Everything wrong with what stands on the page now."""
    faults = violations(page)
    faults += [f"too small to press: {each}" for each in page.evaluate(_SMALL, [TOUCH, _PRESSED])]
    faults += [f"letters too small: {each}" for each in page.evaluate(_SMALL_LETTERS, LETTERS)]
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return faults + ([f"{width} px wider than the screen"] if width > 0 else [])
