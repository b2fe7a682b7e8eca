// SPDX-License-Identifier: Apache-2.0
// Judges the page as it is rendered, and returns the faults in words. Run by accessibility.py within a function body.
const SMALL_TEXT = 4.5;
const LARGE_TEXT = 3;
const GRAPHICS = 3;
const TARGET_PX = 24;
const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]," +
    "[role=menuitem], [role=option], [role=switch], [role=checkbox], [role=radio], [role=slider]";
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
const faults = [];

function name_of(element) {
    const id = element.id ? `#${element.id}` : "";
    const kind = typeof element.className === "string" && element.className ? `.${element.className.split(/\s+/).join(".")}` : "";
    const text = (element.getAttribute("aria-label") || element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${id}${kind}> "${text}"`;
}

// ---- colours

const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

// [red, green, blue, alpha], 0 to 255 and 0 to 1; whatever notation it is in.
function parse(colour) {
    const found = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(colour);
    if (found)
        return [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const pixel = canvas.getImageData(0, 0, 1, 1).data;
    return [pixel[0], pixel[1], pixel[2], pixel[3] / 255];
}

function over(top, below, alpha = top[3]) {
    return [0, 1, 2].map((n) => top[n] * alpha + below[n] * (1 - alpha));
}

function luminance(colour) {
    const [red, green, blue] = colour.map((value) => value / 255).map((value) =>
        value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
}

function chain(element) {
    const found = [];
    for (let one = element; one; one = one.parentElement || (one.getRootNode().host ?? null))
        found.unshift(one);
    return found;
}

function canvas_colour() {
    const probe = document.createElement("div");
    probe.style.color = "Canvas";
    document.documentElement.append(probe);
    const colour = parse(getComputedStyle(probe).color);
    probe.remove();
    return colour.slice(0, 3);
}
const page_colour = canvas_colour();

// What is behind and what is in front where the element paints with `colour`: every background that can be seen
// through and every opacity from the root down.
function rendered(element, colour) {
    const levels = chain(element).map((one) => getComputedStyle(one));
    const paint = (level, backdrop) => {
        const style = levels[level];
        const behind = over(parse(style.backgroundColor), backdrop);
        const both = level + 1 < levels.length ? paint(level + 1, behind) : [behind, over(colour, behind)];
        const opacity = +style.opacity;
        return opacity < 1 ? both.map((pixel) => over(pixel, backdrop, opacity)) : both;
    };
    return paint(0, page_colour);
}

function has_picture(element) {
    return chain(element).some((one) => getComputedStyle(one).backgroundImage !== "none");
}

// ---- what can be seen

// Kept for those who listen only: clipped to nothing.
function is_clipped(element) {
    return chain(element).some((one) => {
        const style = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        return style.clipPath === "inset(50%)" || style.clip === "rect(0px, 0px, 0px, 0px)" ||
            (style.overflow === "hidden" && style.position === "absolute" && box.width <= 1 && box.height <= 1);
    });
}

function is_shown(element) {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && !is_clipped(element) &&
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

function is_inactive(element) {
    return element.closest(":disabled, [aria-disabled=true], [inert]") !== null;
}

function has_own_text(element) {
    return [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
}

// ---- contrast

function judge(element, style, colour, least, what) {
    const [behind, before] = rendered(element, parse(colour));
    const found = contrast(behind, before);
    if (found < least)
        faults.push(`contrast ${found.toFixed(2)} below ${least}: ${what} of ${name_of(element)} (${colour}, ${style.fontSize})`);
}

function text_limit(style) {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && +style.fontWeight >= 700) ? LARGE_TEXT : SMALL_TEXT;
}

function judge_text(element) {
    const style = getComputedStyle(element);
    if (has_own_text(element) && !is_inactive(element)) {
        if (has_picture(element))
            faults.push(`contrast unknown, for a picture is behind it: ${name_of(element)}`);
        const svg = element instanceof SVGElement;
        judge(element, style, svg ? style.fill : style.color, text_limit(style), "text");
    }
    for (const part of ["::before", "::after"]) {
        const own = getComputedStyle(element, part);
        if (/^"\s*\S/.test(own.content) && own.display !== "none" && !is_inactive(element))
            judge(element, own, own.color, GRAPHICS, part);
    }
    if (element.placeholder && !element.value)
        judge(element, style, getComputedStyle(element, "::placeholder").color, SMALL_TEXT, "placeholder");
}

// A field is found by its edge or by its own ground.
function judge_field(element) {
    if (is_inactive(element) || ["checkbox", "radio", "range", "color", "file"].includes(element.type))
        return;
    const style = getComputedStyle(element);
    const around = rendered(element.parentElement, [0, 0, 0, 0])[0];
    const inside = rendered(element, [0, 0, 0, 0])[0];
    const edge = parseFloat(style.borderBottomWidth) > 0 && style.borderBottomStyle !== "none" ?
        over(parse(style.borderBottomColor), around) : around;
    const found = Math.max(contrast(edge, around), contrast(inside, around));
    if (found < GRAPHICS)
        faults.push(`contrast ${found.toFixed(2)} below ${GRAPHICS}: edge of ${name_of(element)}`);
}

// ---- targets

function target_box(element) {
    const box = element.getBoundingClientRect();
    if (!element.labels || !["checkbox", "radio"].includes(element.type))
        return box;
    let { left, top, right, bottom } = box;
    for (const label of element.labels) {
        const more = label.getBoundingClientRect();
        [left, top] = [Math.min(left, more.left), Math.min(top, more.top)];
        [right, bottom] = [Math.max(right, more.right), Math.max(bottom, more.bottom)];
    }
    return new DOMRect(left, top, right - left, bottom - top);
}

function is_small(box) {
    return box.width < TARGET_PX - 0.5 || box.height < TARGET_PX - 0.5;
}

// Within a sentence the line decides how high it is.
function is_in_sentence(element) {
    return getComputedStyle(element).display === "inline" && has_own_text(element.parentElement);
}

// WCAG 2.5.8: a small target may be small when a circle of 24 px around its centre meets no other target.
function judge_targets() {
    const targets = [...(document.querySelector("dialog:modal") || document).querySelectorAll(TARGETS)].filter((one) => is_shown(one) && !is_inactive(one))
        .map((element) => ({ element, box: target_box(element) }));
    for (const { element, box } of targets) {
        if (!is_small(box) || is_in_sentence(element))
            continue;
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const near = targets.find((other) => {
            if (other.element === element || other.element.contains(element) || element.contains(other.element))
                return false;
            const apart = Math.hypot(Math.max(other.box.left - x, x - other.box.right, 0),
                                     Math.max(other.box.top - y, y - other.box.bottom, 0));
            const centres = Math.hypot(other.box.left + other.box.width / 2 - x, other.box.top + other.box.height / 2 - y);
            return apart < TARGET_PX / 2 || (is_small(other.box) && centres < TARGET_PX);
        });
        if (near)
            faults.push(`target ${box.width.toFixed(0)} x ${box.height.toFixed(0)} px: ${name_of(element)}, ` +
                `too near to ${name_of(near.element)}`);
    }
}

// ---- focus

const RING = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderTopColor", "borderBottomColor",
    "backgroundColor", "textDecorationLine"];

function look(element) {
    const style = getComputedStyle(element);
    return Object.fromEntries(RING.map((name) => [name, style[name]]));
}

function judge_focus(element) {
    const before = look(element);
    element.focus({ focusVisible: true });
    if (document.activeElement !== element) {
        faults.push(`cannot be focused: ${name_of(element)}`);
        return;
    }
    const after = look(element);
    const has_outline = after.outlineStyle !== "none" && parseFloat(after.outlineWidth) >= 1;
    if (has_outline) {
        const offset = parseFloat(getComputedStyle(element).outlineOffset);
        const ground = rendered(offset < 0 ? element : element.parentElement || element, parse(after.outlineColor));
        const found = contrast(ground[0], ground[1]);
        if (found < GRAPHICS)
            faults.push(`contrast ${found.toFixed(2)} below ${GRAPHICS}: focus ring of ${name_of(element)}`);
    } else if (RING.every((name) => before[name] === after[name])) {
        faults.push(`focus cannot be seen: ${name_of(element)}`);
    }
    judge_covered(element);
}

// WCAG 2.4.11: nothing lies over all of what has the focus.
function judge_covered(element) {
    const box = element.getBoundingClientRect();
    const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) =>
        document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
    if (!points.some((one) => one && (element.contains(one) || one.contains(element))))
        faults.push(`covered while it has the focus: ${name_of(element)}`);
}

function judge_all_focus() {
    const had = document.activeElement;
    const scrolled = [window.scrollX, window.scrollY];
    const root = document.querySelector("dialog:modal") || document;
    for (const element of root.querySelectorAll(FOCUSABLE))
        if (element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled") &&
            element.closest("[inert]") === null)
            judge_focus(element);
    if (had && had !== document.body)
        had.focus({ preventScroll: true });
    else
        document.activeElement?.blur();
    window.scrollTo(...scrolled);
}

// ---- structure

function judge_structure() {
    const root = document.querySelector("dialog:modal") || document;
    const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility());
    if (root === document && headings.filter((one) => one.localName === "h1").length !== 1)
        faults.push(`not one h1 but ${headings.filter((one) => one.localName === "h1").map(name_of).join(", ") || "none"}`);
    let last = 0;
    for (const heading of headings.filter((one) => root === document || root.contains(one))) {
        const level = +heading.localName[1];
        if (last !== 0 && level > last + 1)
            faults.push(`heading leaves out a level: ${name_of(heading)} after h${last}`);
        last = level;
    }
    const mains = [...document.querySelectorAll("main")].filter((one) => one.checkVisibility());
    if (mains.length !== 1)
        faults.push(`${mains.length} main landmarks`);
    if (!document.documentElement.lang)
        faults.push("the page has no language");
    if (!document.title.trim())
        faults.push("the page has no title");
}

function judge_references() {
    const seen = new Set();
    for (const element of document.querySelectorAll("[id]")) {
        if (seen.has(element.id))
            faults.push(`two elements have the ID ${element.id}: ${name_of(element)}`);
        seen.add(element.id);
    }
    for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-activedescendant",
        "aria-errormessage", "for", "list"])
        for (const element of document.querySelectorAll(`[${attribute}]`))
            for (const id of element.getAttribute(attribute).split(/\s+/).filter((one) => one !== ""))
                if (!seen.has(id))
                    faults.push(`${attribute} names ${id}, which is nowhere: ${name_of(element)}`);
    for (const picture of document.querySelectorAll("img:not([alt]), svg:not([aria-hidden=true]):not([role]), canvas:not([role])"))
        if (is_shown(picture) && picture.closest("[aria-hidden=true]") === null)
            faults.push(`picture without words: ${name_of(picture)}`);
}

const scope = document.querySelector("dialog:modal") || document.body;
for (const element of [scope, ...scope.querySelectorAll("*")])
    if (!["SCRIPT", "STYLE", "OPTION"].includes(element.tagName) && is_shown(element))
        judge_text(element);
for (const element of scope.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (is_shown(element))
        judge_field(element);
judge_targets();
judge_structure();
judge_references();
judge_all_focus();
return faults;
