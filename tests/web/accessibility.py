# SPDX-License-Identifier: Apache-2.0
"""Judges what is in front of the browser by WCAG 2.2 AA, as it is rendered: contrast, names and roles, size of targets,
focus, headings, references, and that nothing needs scrolling sideways.
"""
import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "accessibility.js"), encoding="utf-8") as script:
    SCRIPT = script.read()
# Roles that a person can do something with: each must say what.
WIDGETS = {"button", "link", "textbox", "searchbox", "checkbox", "radio", "switch", "slider", "spinbutton", "combobox",
           "ComboBoxSelect", "listbox", "tab", "tabpanel", "menuitem", "menuitemcheckbox", "menuitemradio", "grid",
           "treegrid", "tree", "treeitem", "dialog", "alertdialog", "region", "form", "navigation", "table", "image",
           "img", "application", "DisclosureTriangle", "PopUpButton"}
WITHOUT_ROLE = {"generic", "none", "GenericContainer", "Section", "paragraph"}


def value_of(node, name):
    return (node.get(name) or {}).get("value", "")


def properties_of(node):
    return {one["name"]: one["value"].get("value") for one in node.get("properties", [])}


def name_faults(browser):
    """Of the accessibility tree, which is what a screen reader gets."""
    found = []
    for node in browser.accessibility_tree():
        role, name, states = value_of(node, "role"), value_of(node, "name").strip(), properties_of(node)
        if role in ("RootWebArea", "WebArea"):
            continue
        if role in WIDGETS and not name and (role not in ("form", "table", "grid") or states.get("focusable")):
            found.append(f"a {role} without a name: {describe(browser, node)}")
        elif states.get("focusable") and role in WITHOUT_ROLE and "tabindex" in describe(browser, node):
            found.append(f"can be focused, and has no role: {describe(browser, node)}")
    return found


def describe(browser, node):
    try:
        told = browser.cdp("DOM.describeNode", backendNodeId=node["backendDOMNodeId"])["node"]
    except (AssertionError, KeyError):
        return "?"
    pairs = iter(told.get("attributes", []))
    return f"<{told['localName']} {' '.join(f'{name}={value!r}' for name, value in zip(pairs, pairs))}>"


def faults(browser):
    return browser.execute(SCRIPT) + name_faults(browser)


def assert_accessible(browser, what):
    found = faults(browser)
    if found:
        raise AssertionError(f"{what}: {len(found)} faults\n" + "\n".join(dict.fromkeys(found)))


def assert_reflows(browser, what, width=360, height=640):
    """WCAG 1.4.10: narrow, and nothing but what scrolls for itself goes beyond the edge."""
    browser.resize(width, height)
    try:
        wide = browser.settle(lambda: [browser.execute(
            "return [document.documentElement.scrollWidth, window.innerWidth];")], "the page's width")[0]
        if wide[0] > width:
            culprits = browser.execute(
                "return [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() &&"
                "  one.getBoundingClientRect().right > arguments[0] + 1 && one.children.length === 0).slice(0, 8)"
                "  .map((one) => `${one.localName}.${one.className} ${one.textContent.slice(0, 40)}`);", width)
            raise AssertionError(f"{what}: {wide[0]} px wide in a window of {width}: {culprits}")
    finally:
        browser.cdp("Emulation.clearDeviceMetricsOverride")
