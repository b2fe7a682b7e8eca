// SPDX-License-Identifier: Apache-2.0
// Which view a path is, and going from one to another without loading the page again.

/**
 * @typedef {{ path: string, title: string, nav?: string | false, key?: string, role?: 'viewer' | 'orchestrator' | 'admin',
 *   load: () => Promise<{ default: import('../views/index.js').View }> }} Entry
 * @typedef {{ entry: Entry | null, path: string, parameters: Record<string, string>, query: URLSearchParams }} Place
 */

function match(template, path) {
  const wanted = template.split('/');
  const have = path.split('/');
  if (wanted.length !== have.length) return null;
  const parameters = {};
  for (let i = 0; i < wanted.length; i += 1) {
    if (wanted[i].startsWith('{')) {
      try {
        parameters[wanted[i].slice(1, -1)] = decodeURIComponent(have[i]);
      } catch {
        return null;
      }
      if (have[i] === '') return null;
    } else if (wanted[i] !== have[i]) return null;
  }
  return parameters;
}

/** @param {Entry[]} entries @param {Location | URL} location @returns {Place} */
export function placeOf(entries, location) {
  const query = new URLSearchParams(location.search);
  for (const entry of entries) {
    const parameters = match(entry.path, location.pathname);
    if (parameters !== null) return { entry, path: location.pathname, parameters, query };
  }
  return { entry: null, path: location.pathname, parameters: {}, query };
}

/** Of a click: the address within the dashboard that it goes to, or null when it is the browser's business. */
function addressOf(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (link === null || link.hasAttribute('download') || link.target) return null;
  const href = link.getAttribute('href');
  return href.startsWith('/') && !href.startsWith('//') && !href.startsWith('/api/') ? href : null;
}

/**
 * @param {(replaced: boolean) => void} onChange called after the address has changed, by whatever
 * @returns {{ go: (address: string, options?: { replace?: boolean }) => void,
 *   setQuery: (query: string) => void }} `setQuery` changes the address without calling anybody
 */
export function createRouter(onChange) {
  function go(address, { replace = false } = {}) {
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    onChange(replace);
  }
  document.addEventListener('click', (event) => {
    const address = addressOf(event);
    if (address === null) return;
    event.preventDefault();
    go(address, { replace: address === location.pathname + location.search });
  });
  addEventListener('popstate', () => onChange(false));
  return { go, setQuery: (query) => history.replaceState(null, '', location.pathname + query) };
}
