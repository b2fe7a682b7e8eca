// SPDX-License-Identifier: Apache-2.0
// The dialog that deletes an object: what that would do and whom it touches, then the deletion itself.
import { h, replace } from '../base/dom.js';
import { safe } from '../base/format.js';
import { openDialog } from '../parts/dialog.js';
import { loadingBlock } from '../parts/empty.js';
import { previewView, threeView } from './diff_view.js';
import { givenOf } from './kinds.js';
import { writeObject } from './write.js';
import { named, stepHead, tellWritten } from './written.js';

/**
 * Asks, with what it would do and whom it touches, and deletes.
 * @param {import('./kinds.js').Kind} kind @param {any} first as it was read
 * @returns {Promise<any>} what is left: null, or the configuration file's; undefined: nothing was deleted
 */
export function openDeletion(kind, first) {
  let base = first;
  const id = first[kind.id];
  const ending = new AbortController();
  const body = h('div', { class: 'editor-body' }, loadingBlock(3));
  const dialog = openDialog({ title: `Delete ${named(kind, id)}?`, content: body, wide: true, class: 'editor', actions: [{ label: 'Cancel' }] });
  dialog.done.then(() => ending.abort());

  const said = (words) => h('p', { class: 'form-said', role: 'alert' }, safe(words));
  const cancel = { label: 'Cancel' };

  function tell(result) {
    if (ending.signal.aborted) return;
    if (result.outcome === 'conflict') conflict(result.theirs);
    else {
      replace(body, said(result.words));
      dialog.setActions([cancel, ...(result.outcome === 'refused' ? [] : [{ label: 'Try again', kind: 'primary', run: preview }])]);
    }
  }

  async function preview() {
    const result = await writeObject(kind, id, null, base, { dryRun: true, signal: ending.signal });
    if (ending.signal.aborted) return false;
    if (result.outcome !== 'done') {
      tell(result);
      return false;
    }
    const uncovers = result.preview.changes[0]?.after;
    replace(body, h('p', {}, uncovers ? `The values written by the API go; those of the configuration file hold again.` : `It is gone then; you can undo it.`), previewView(kind, result.preview));
    dialog.setActions([cancel, { label: `Delete ${kind.one}`, kind: 'danger', run: remove }]);
    return false;
  }

  async function remove() {
    const result = await writeObject(kind, id, null, base, { signal: ending.signal });
    if (result.outcome === 'done') {
      tellWritten(kind, id, base, result);
      dialog.close(result.item);
    } else tell(result);
    return false;
  }

  function conflict(theirs) {
    if (theirs === null) {
      replace(body, said('Somebody has deleted it already.'));
      dialog.setActions([{ label: 'Close' }]);
      return;
    }
    replace(body, stepHead('Somebody has changed it meanwhile. Nothing was deleted. Choose what holds.'), threeView(kind, givenOf(kind, base), null, givenOf(kind, theirs)));
    dialog.setActions([
      { label: 'Delete it all the same', kind: 'danger', run: () => { base = theirs; return remove(); } },
      { label: 'Keep theirs' },
    ]);
  }

  preview();
  return dialog.done;
}
