// SPDX-License-Identifier: Apache-2.0
// A list that is redrawn often: what stays, stays the same element, so that no click, focus or selection is lost.

/**
 * @template Item
 * @param {HTMLElement} parent
 * @param {{ key: (item: Item) => string, make: (item: Item) => { element: HTMLElement, update: (item: Item, now: number) => void } }} options
 *   `update` is called at every `set`, also right after `make`
 * @returns {{ set: (items: Item[], now: number) => void }}
 */
export function createKeyedList(parent, { key, make }) {
  /** @type {Map<string, ReturnType<typeof make>>} */
  let made = new Map();

  /** Moves only what is not where it should be. */
  function arrange(elements) {
    elements.forEach((element, i) => {
      if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
    });
    while (parent.children.length > elements.length) parent.lastElementChild.remove();
  }

  return {
    set(items, now) {
      const next = new Map(items.map((item) => [key(item), made.get(key(item)) ?? make(item)]));
      for (const [id, { element }] of made) if (!next.has(id)) element.remove();
      for (const item of items) next.get(key(item)).update(item, now);
      made = next;
      arrange([...next.values()].map(({ element }) => element));
    },
  };
}
