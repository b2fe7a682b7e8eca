// SPDX-License-Identifier: Apache-2.0
// Builds elements: children become text nodes, never markup, so no name that a KM chose can become an element.

const SVG = 'http://www.w3.org/2000/svg';
const REFUSED = /^(on|style$|srcdoc$|innerhtml$|outerhtml$)/i;

/**
 * @typedef {Node | string | number | null | undefined | false | Child[]} Child
 * @typedef {Record<string, any>} Attributes `on`: listeners by event; `dataset`, `style` (properties); `class`;
 *   `properties`: set on the element; true sets an empty attribute; null, undefined and false leave it out.
 */

function setAttribute(element, name, value) {
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === 'dataset') {
    Object.assign(element.dataset, value);
  } else if (name === 'properties') {
    Object.assign(element, value);
  } else if (name === 'style' && typeof value === 'object') {
    for (const [property, setting] of Object.entries(value)) element.style.setProperty(property, setting);
  } else if (REFUSED.test(name)) {
    throw new TypeError(`the attribute ${name} is not set from text`);
  } else if (value !== null && value !== undefined && value !== false) {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** @param {Node} parent @param {Child[]} children */
export function append(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value);
  append(element, ...children);
  return element;
}

/**
 * @param {string} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/**
 * @param {string} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** Puts the children in place of all that the parent holds. @param {Element} parent @param {...Child} children */
export function replace(parent, ...children) {
  const fragment = document.createDocumentFragment();
  append(fragment, ...children);
  parent.replaceChildren(fragment);
  return parent;
}

/** Sets text only where it differs, so that nothing is announced or painted for nothing. */
export function setText(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

let counter = 0;
/** An ID that no other element has. @param {string} prefix */
export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}
