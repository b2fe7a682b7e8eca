#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The harness of the dashboard's tests, judged itself: each thing that it must find is put before it, and is found; a
good page passes. Without this a check that cannot fail would look like a dashboard that does not."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import accessibility
import harness
from browser import Browser
from harness import equal, wait_until
from proxy import POLICY, Proxy

STYLE = """
:root { color-scheme: light dark; }
body { margin: 16px; font: 14px sans-serif; color: CanvasText; background: Canvas; }
button, input { min-height: 28px; min-width: 28px; }
:focus-visible { outline: 2px solid #06c; outline-offset: 1px; }
.pale { color: #999; }
.veil { opacity: 0.4; }
.ground { background: #777; } .through { background: rgb(0 0 0 / 20%); color: #000; }
.large { font-size: 24px; color: #8a8a8a; }
.tiny { min-height: 0; min-width: 0; height: 12px; width: 12px; padding: 0; border: 0; }
.ringless:focus-visible { outline: none; }
.pale-ring:focus-visible { outline-color: #ddd; }
.wide { width: 900px; }
.lid { position: fixed; inset: 0; background: Canvas; }
"""


def page(body, scripts=""):
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
            f'<link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon.svg">{scripts}</head>'
            f"<body>{body}</body></html>")


def good(body=""):
    return page(f'<main><h1>A page</h1><button>Press</button><label>Name <input></label>{body}</main>')


PAGES = {
    "/style.css": STYLE, "/icon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>', "/": good(),
    "/quiet.js": "fetch('/');", "/script.html": good('<script src="/quiet.js"></script>'),
    "/console.js": "console.error('from the page');", "/console.html": good('<script src="/console.js"></script>'),
    "/log.js": "console.log('chatter');", "/log.html": good('<script src="/log.js"></script>'),
    "/throw.js": "throw new Error('thrown');", "/throw.html": good('<script src="/throw.js"></script>'),
    "/reject.js": "Promise.reject(new Error('rejected'));", "/reject.html": good('<script src="/reject.js"></script>'),
    "/inline.html": good("<script>document.title = 'inline';</script>"),
    "/styled.html": good('<p style="color: red">x</p>'),
    "/eval.js": "try { eval('1'); } catch { document.title = 'caught'; }",
    "/eval.html": good('<script src="/eval.js"></script>'),
    "/html.js": "try { document.querySelector('h1').innerHTML = '<b>x</b>'; } catch { document.title = 'caught'; }",
    "/html.html": good('<script src="/html.js"></script>'),
    "/foreign.html": good('<img alt="x" src="http://127.0.0.2:9/x.png">'),
    "/worker.js": "console.warn('from the worker');", "/shared.js": "console.warn('from the shared worker');",
    "/open.js": "const policy = trustedTypes.createPolicy('ckbridge', { createScriptURL: (url) => url });"
                "new Worker(policy.createScriptURL('/worker.js'));"
                "new SharedWorker(policy.createScriptURL('/shared.js'));",
    "/workers.html": good('<script src="/open.js"></script>'),
    "/ask.js": "fetch('/missing').catch(() => {});", "/missing.html": good('<script src="/ask.js"></script>'),
    "/clock.js": "document.querySelector('h1').textContent = String(new Date(0).getTime() + Date.now());",
    "/clock.html": good('<script src="/clock.js"></script>'),
}
proxy = Proxy(pages=PAGES)
browser = Browser()


def fails(action, *words):
    """The action fails, for this reason."""
    try:
        action()
    except AssertionError as error:
        missing = [word for word in words if word not in str(error)]
        equal(missing, [], f"what it says: {error}")
        return
    raise AssertionError(f"found nothing wrong, where {words} is")


def show(path):
    browser.watch.forget()
    browser.go(proxy.origin + path)


def judge(path, *allowed):
    show(path)
    browser.assert_clean(proxy.origin, allowed)


def said(word):
    """Scripts and workers run after the page is there."""
    wait_until(lambda: any(word in words for _, _, words in browser.watch.messages), f"{word!r} to be said")


def test_clean_page_passes():
    judge("/")
    judge("/script.html")


def test_nothing_asked_for_is_not_taken_for_clean():
    browser.watch.forget()
    fails(lambda: browser.assert_clean(proxy.origin), "the watch is blind")


def test_console_messages_are_found():
    fails(lambda: judge("/console.html"), "console.error", "from the page")
    fails(lambda: judge("/log.html"), "console.log", "chatter")


def test_uncaught_errors_and_rejections_are_found():
    fails(lambda: judge("/throw.html"), "uncaught", "thrown")
    fails(lambda: judge("/reject.html"), "uncaught", "rejected")


def test_violations_of_the_policy_are_found():
    fails(lambda: judge("/inline.html"), "contentSecurityPolicyIssue", "script-src-elem")
    fails(lambda: judge("/styled.html"), "contentSecurityPolicyIssue", "style-src-attr")
    fails(lambda: judge("/foreign.html"), "contentSecurityPolicyIssue", "img-src")
    for path in ("/eval.html", "/html.html"):  # also where the script has caught what it got
        fails(lambda path=path: judge(path), "contentSecurityPolicyIssue")
        equal(browser.title, "caught")


def test_policy_of_the_pages_here_is_the_dashboards():
    for directive in ("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types ckbridge"):
        equal(directive in POLICY, True, directive)


def test_request_to_another_origin_is_found():
    other = Proxy(pages={"/x.svg": PAGES["/icon.svg"]})
    try:
        PAGES["/free.html"] = good(f'<img alt="x" src="{other.origin}/x.svg">')  # no policy holds it back
        fails(lambda: judge("/free.html"), "request elsewhere", other.origin)
        equal(len(other.asked("GET", "x.svg")), 1, "it was sent")
    finally:
        other.close()


def test_workers_are_heard():
    show("/workers.html")
    said("from the worker")
    said("from the shared worker")
    fails(lambda: browser.assert_clean(proxy.origin), "shared_worker console.warning", "worker console.warning")


def test_allowed_message_passes_and_an_allowance_without_need_does_not():
    with proxy.answers(503, "^/missing$"):
        show("/missing.html")
        said("/missing")
        browser.assert_clean(proxy.origin, (r"status of 503 .*/missing$",))
    fails(lambda: judge("/", "status of 503"), "allowed, and never said")


def test_prelude_runs_before_the_page():
    other = Browser()
    try:
        other.before_scripts("Date.now = () => 42;")
        other.go(proxy.origin + "/clock.html")
        equal(other.find("h1").text, "42")
    finally:
        other.close()


def accessible(body, scripts=""):
    PAGES["/judged.html"] = page(body, scripts)
    show("/judged.html")
    return accessibility.faults(browser)


def finds(body, *words):
    found = accessible(body)
    equal(any(all(word in fault for word in words) for fault in found), True, f"{words} in {found}")


MAIN = "<main><h1>A page</h1>%s</main>"


def test_good_page_is_accessible_in_both_themes():
    for dark in (False, True):
        browser.emulate(dark=dark)
        equal(accessible(MAIN % '<button>Press</button><p class="large">Large</p>') if not dark else
              accessible(MAIN % "<button>Press</button>"), [])
    browser.emulate()


def test_contrast_too_low_is_found():
    finds(MAIN % '<p class="pale">pale</p>', "contrast 2.85 below 4.5", "pale")
    finds(MAIN % '<p class="veil">veiled</p>', "contrast", "below 4.5", "veiled")
    finds(MAIN % '<div class="ground"><p class="through">through</p></div>', "contrast", "through")
    finds(MAIN % '<div class="through"><p class="pale">on grey</p></div>', "contrast", "on grey")
    browser.emulate(dark=True)
    finds(MAIN % '<p class="through">dark on dark</p>', "contrast", "dark on dark")
    browser.emulate()


def test_nameless_widgets_are_found():
    finds(MAIN % "<button></button>", "a button without a name")
    finds(MAIN % "<input>", "a textbox without a name")
    finds(MAIN % '<div tabindex="0">x</div>', "has no role")


def test_small_targets_are_found():
    finds(MAIN % '<button class="tiny" aria-label="one"></button><button class="tiny" aria-label="two"></button>',
          "target 12 x 12 px", "too near")


def test_focus_that_cannot_be_seen_is_found():
    finds(MAIN % '<button class="ringless">x</button>', "focus cannot be seen")
    finds(MAIN % '<button class="pale-ring">x</button>', "focus ring")
    finds(MAIN % '<button>x</button><div class="lid"></div>', "covered while it has the focus")


def test_broken_structure_is_found():
    finds("<main><p>x</p></main>", "not one h1")
    finds(MAIN % "<h3>x</h3>", "leaves out a level")
    finds("<h1>x</h1>", "0 main landmarks")
    finds(MAIN % '<p id="a">x</p><p id="a">y</p>', "two elements have the ID a")
    finds(MAIN % '<button aria-describedby="nowhere">x</button>', "names nowhere")
    finds(MAIN % '<img src="/icon.svg" width="8" height="8">', "picture without words")


def test_page_that_needs_scrolling_sideways_is_found():
    PAGES["/judged.html"] = page(MAIN % '<p class="wide">wide</p>')
    show("/judged.html")
    fails(lambda: accessibility.assert_reflows(browser, "wide"), "px wide in a window of 360")
    show("/")
    accessibility.assert_reflows(browser, "good")


def test_browser_leaves_nothing_behind():
    other = Browser()
    pid, profile = other.pid, other.profile
    other.close()
    wait_until(lambda: not os.path.exists(f"/proc/{pid}") or "\nState:\tZ" in open(f"/proc/{pid}/status").read(),
               "the browser to end")
    equal(os.path.exists(profile), False, profile)


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")],
                [browser.close, proxy.close])
