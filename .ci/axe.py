"""Look at a page with axe in a real Chromium, at 390 and 1280 px, everything unfolded: 1 where it finds something serious.

`.ci/axe.py PAGE AXE FOLDER`: AXE is axe.min.js; copies of the page with it, and pictures, go to FOLDER.
"""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

WIDTHS = (390, 1280)
SERIOUS = {"serious", "critical"}
_RUN = """<script>{axe}</script><script>
document.querySelectorAll("details").forEach(each => each.open = true);
axe.run(document).then(found => {{
  const wide = document.documentElement.scrollWidth;
  const told = found.violations.map(each => ({{id: each.id, impact: each.impact, help: each.help, nodes: each.nodes.map(node => node.html)}}));
  const result = document.createElement("pre");
  result.id = "axe-result";
  result.textContent = JSON.stringify({{width: window.innerWidth, wide: wide, passes: found.passes.length, violations: told}});
  parent.document.body.append(result);
}});
</script></body>"""
_RESULT = re.compile(r'<pre id="axe-result">(.*?)</pre>', re.DOTALL)


def browse(folder: Path, width: int, *options: str) -> str:
    """What Chromium prints."""
    command = [
        "chromium",
        "--headless=old",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder}/browser",
    ]
    command += [f"--window-size={width},2000", "--virtual-time-budget=20000", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def look(page: Path, axe: Path, folder: Path, width: int) -> list[str]:
    """The serious findings at this width."""
    copy = folder / f"axe-{width}.html"
    with_axe = page.read_text(encoding="utf-8").replace("</body>", _RUN.format(axe=axe.read_text(encoding="utf-8")))
    # a window of Chromium is 500 px wide at least, a frame as wide as it is told
    frame = f'<iframe style="width:{width}px;height:2000px;border:0" srcdoc="{html.escape(with_axe)}"></iframe>'
    copy.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">{frame}</body>', encoding="utf-8")
    found = _RESULT.search(browse(folder, max(WIDTHS), "--dump-dom", copy.as_uri()))
    if found is None:
        return [f"{width} px: axe did not end"]
    result = json.loads(html.unescape(found[1]))
    print(f"{width} px: {result['passes']} rules hold, {len(result['violations'])} do not")
    wrong = [
        f"{width} px: {each['impact']}: {each['id']}: {each['help']}: {each['nodes'][:3]}"
        for each in result["violations"]
        if each["impact"] in SERIOUS
    ]
    for each in result["violations"]:
        if each["impact"] not in SERIOUS:
            print(f"  {each['impact']}: {each['id']}: {each['help']}")
    if result["width"] != width or result["wide"] > width:
        wrong.append(f"{width} px: the window is {result['width']} px and the page {result['wide']} px wide")
    browse(folder, width, f"--screenshot={folder}/page-{width}.png", page.as_uri())
    return wrong


def main(page: Path, axe: Path, folder: Path) -> int:
    """Look at each width."""
    wrong = [finding for width in WIDTHS for finding in look(page, axe, folder, width)]
    print("\n".join(wrong) or f"axe finds nothing serious on {page.name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(name).absolute() for name in sys.argv[1:4])))
