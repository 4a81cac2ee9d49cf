"""Uses reports as a reader does, in a real Chromium: clicks, types, and asserts that nothing goes wrong.

    python report.py CHROMIUM REPORT.html SCREENSHOTS/ [LARGE.html]

REPORT.html is any report with at least two arms; LARGE.html one with tens of thousands of answers, to measure.
"""

import pathlib
import sys
import time

from chromium import Page

COUNT = "document.getElementById('count').textContent"
SELECTED = "document.querySelector('#rows [aria-selected=true] .key span').textContent"
DETAIL = "document.querySelector('#detail h3')?.firstChild.textContent"


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def settled(page):
    """Until the question in the pane is the one selected in the list."""
    page.wait(f"{DETAIL} === {SELECTED}")


def choose(page, identity, value):
    """As choosing an option does."""
    page.js(f"""(() => {{
        const node = document.getElementById({identity!r});
        node.value = {value!r};
        node.dispatchEvent(new Event("input", {{ bubbles: true }}));
        node.dispatchEvent(new Event("change", {{ bubbles: true }}));
    }})()""")


def search(page, words):
    """Clears the search field, types, and waits for the count."""
    page.js("(() => { const f = document.getElementById('f-text'); f.focus(); f.select(); })()")
    page.js(f"{COUNT.replace('.textContent', '.textContent = null')}")
    if words:
        page.type(words)
    else:
        page.js("(() => { const f = document.getElementById('f-text'); f.value = ''; f.dispatchEvent(new Event('input', { bubbles: true })); })()")
    return page.wait(f"/^[0-9]/.test({COUNT})")


def reader(page):
    """Finds, filters, reads and compares samples."""
    page.js("document.getElementById('samples').scrollIntoView()")
    page.wait("!document.getElementById('browser').hidden")
    page.wait(f"/^[0-9]+ questions/.test({COUNT})")
    settled(page)
    total = int(page.js(COUNT).split()[0])
    check(page.js("document.querySelectorAll('#rows .row').length") < 80, "only the rows in sight exist")

    # The list, by mouse and by keys.
    first = page.js(SELECTED)
    page.click("#rows .row:nth-child(3)")
    settled(page)
    check(page.js(SELECTED) != first, "a click chooses another question")
    page.js("document.getElementById('list').focus()")
    before = page.js(SELECTED)
    page.key("ArrowDown")
    settled(page)
    check(page.js(SELECTED) != before, "the arrow key moves on")
    page.key("End")
    page.wait(f"document.querySelector('#rows [aria-selected=true]').getAttribute('aria-posinset') === '{total}'")
    settled(page)
    page.key("Home")
    page.wait(f"{SELECTED} === {first!r}")
    page.js("document.activeElement.blur()")
    page.key("/", "/")
    check(page.js("document.activeElement.id") == "f-text", "/ goes to the search")
    check(page.js("document.getElementById('f-text').value") == "", "and is not typed")

    # Search by a question's key, and for nothing that there is.
    search(page, first)
    check(page.js(f"{SELECTED} === {first!r}"), "a key is found")
    search(page, "surely-no-answer-has-this")
    check(page.js(COUNT).startswith("0 of "), page.js(COUNT))
    search(page, "")
    check(page.js(COUNT) == f"{total} questions", page.js(COUNT))

    # Filters.
    choose(page, "f-verdict", "answers differ")
    page.wait(f"{COUNT}.includes(' of ')")
    differing = int(page.js(COUNT).split()[0])
    check(0 < differing < total, f"{differing} of {total} differ")
    settled(page)

    # Two answers side by side: one right, one wrong.
    marks = page.js("[...document.getElementById('d-left').options].map((o) => [o.value, o.text[0]])")
    right = next(value for value, mark in marks if mark == "✓")
    wrong = next(value for value, mark in marks if mark == "✗")
    choose(page, "d-left", wrong)
    page.wait(f"document.getElementById('d-left').value === '{wrong}'")
    choose(page, "d-right", right)
    page.wait("document.querySelector('#detail .diff, #detail .sides') !== null")
    if page.js("document.querySelector('#detail .diff') !== null"):
        check(page.js("document.querySelectorAll('.diff .removed, .diff .added').length") > 0, "changed lines are marked")
    return total, differing


def looks(page, folder):
    """Screenshots, and nothing wider than the window."""
    for width in (1200, 400):
        for scheme in ("light", "dark"):
            page.look(width, 900, scheme)
            time.sleep(0.2)
            over = page.js("document.documentElement.scrollWidth - window.innerWidth")
            check(over <= 0, f"the page is {over} pixels too wide at {width}")
            page.screenshot(folder / f"{width}-{scheme}.png", whole=True)
            page.js("document.getElementById('samples').scrollIntoView()")
            page.screenshot(folder / f"{width}-{scheme}-samples.png")
    page.look(1200, 900, "light")
    printed = page.call("Page.printToPDF", printBackground=False, preferCSSPageSize=False)
    check(len(printed["data"]) > 20_000, "the page prints")


def large(chromium, path):
    """Times on a page with tens of thousands of answers."""
    page = Page(chromium, path.resolve().as_uri())
    begun = time.monotonic()
    page.js("document.getElementById('samples').scrollIntoView()")
    page.wait(f"/^[0-9]+ questions/.test({COUNT})")
    settled(page)
    opened = time.monotonic() - begun
    first_search = search(page, "return")
    second_search = search(page, "synthetic error")
    begun = time.monotonic()
    page.js("document.getElementById('list').scrollTop = 1e9")
    page.wait("document.querySelector('#rows .row:last-child').getAttribute('aria-posinset') === document.querySelector('#rows .row:last-child').getAttribute('aria-setsize')")
    scrolled = time.monotonic() - begun
    size = path.stat().st_size / 1e6
    print(f"large page ({size:.1f} MB): loaded in {page.load_s:.2f} s, samples open in {opened:.2f} s, first search "
          f"{first_search:.2f} s, second {second_search:.2f} s, to the end of the list {scrolled:.2f} s")
    check(not page.problems, page.problems)
    for seconds, most in ((page.load_s, 5), (opened, 5), (first_search, 10), (second_search, 5), (scrolled, 1)):
        check(seconds < most, f"{seconds:.2f} s, more than {most} s")
    page.close()


def main():
    chromium, report, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    for path in (report, *map(pathlib.Path, sys.argv[4:])):
        check(path.is_file(), f"there is no {path}")
    folder.mkdir(parents=True, exist_ok=True)
    page = Page(chromium, report.resolve().as_uri())
    total, differing = reader(page)
    looks(page, folder)
    check(not page.problems, page.problems)
    page.close()
    print(f"{report.name}: {total} questions, {differing} differ; list, search, filters, diff, keys, print and both widths are fine")
    for path in sys.argv[4:]:
        large(chromium, pathlib.Path(path))


if __name__ == "__main__":
    main()
