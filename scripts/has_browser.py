"""Exit 0 if Playwright's own Chromium is installed and starts."""

from __future__ import annotations

import sys

from playwright.sync_api import Error, sync_playwright


def main() -> int:
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(args=["--no-sandbox"]).close()
        except Error:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
