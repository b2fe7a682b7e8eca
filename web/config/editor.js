// SPDX-License-Identifier: Apache-2.0
// The dialog that makes and changes an object: fill in, see what it would do, write; and what to do when somebody else
// was there meanwhile.
import { h, replace } from '../base/dom.js';
import { identifier, localTime, safe } from '../base/format.js';
import { confirmDialog, openDialog } from '../parts/dialog.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { live, subscribe } from '../service/live.js';
import { whyNot } from '../service/session.js';
import { openDeletion } from './deletion.js';
import { merged, same } from './diff.js';
import { previewView, threeView } from './diff_view.js';
import { createForm } from './form.js';
import { capital, givenOf, readObject } from './kinds.js';
import { writeObject } from './write.js';
import { named, stepHead, tellWritten } from './written.js';

/** @typedef {import('./kinds.js').Kind} Kind */

const OF_FILE = 'The configuration file defines it, and only there it is removed. What is written here wins over the file; when that is deleted, the file\u2019s values hold again.';
const WHEN_ALONE = 'Nothing was written. Choose what holds.';

/**
 * @param {Kind} kind
 * @param {{ base?: any, draft?: any }} options `base`: as it was read; null: it is new; `draft`: what it begins with
 * @returns {Promise<any>} as it is after the write, null: deleted; undefined: nothing was written
 */
export function openEditor(kind, { base: first = null, draft = null }) {
  let base = first;
  let step = 'form';
  const fixed = whyNot(kind.role);
  const ending = new AbortController();
  const { signal } = ending;
  const start = draft ?? base;
  const form = createForm(kind, { id: base?.[kind.id] ?? null, given: start, signal, fixed, onInput: () => {} });
  const begun = JSON.stringify([base?.[kind.id] ?? '', form.given()]);
  const other = h('div', { class: 'changed-meanwhile', role: 'status', hidden: true });
  const body = h('div', { class: 'editor-body', on: { keydown: onKey } });
  const dialog = openDialog({ title: titleOf(), content: body, wide: true, class: 'editor', mayClose });

  function titleOf() {
    return base === null ? `New ${kind.one}` : `${fixed ? capital(kind) : `Edit ${kind.one}`} ${safe(base[kind.id])}`;
  }

  function isChanged() {
    return JSON.stringify([form.id(), form.given()]) !== begun;
  }

  async function mayClose() {
    if (fixed || !isChanged()) return true;
    return confirmDialog({ title: 'Leave without writing?', body: 'What you have filled in is lost.', confirm: 'Leave', danger: true });
  }

  function onKey(event) {
    if (event.key !== 'Enter' || event.defaultPrevented || step !== 'form' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (!fixed) review();
  }

  // ---- filling in

  function showForm() {
    step = 'form';
    dialog.setTitle(titleOf());
    replace(body, other, fixed && h('p', { class: 'partial-line' }, fixed),
      base !== null && kind.isOfFile(base) && h('p', { class: 'of-file' }, OF_FILE), form.element);
    const mayDelete = base !== null && !fixed && kind.address !== undefined && !kind.isOfFile(base);
    dialog.setActions([
      ...(mayDelete ? [{ label: 'Delete', kind: 'danger', run: remove }] : []),
      { label: fixed ? 'Close' : 'Cancel', run: () => { dialog.dismiss(); return false; } },
      ...(fixed ? [] : [{ label: 'Review', kind: 'primary', run: review }]),
    ]);
  }

  async function remove() {
    const gone = await openDeletion(kind, base);
    if (gone !== undefined) dialog.close(gone);
    return false;
  }

  /** @param {import('./write.js').Result} result not "done" */
  function tell(result, sent) {
    if (signal.aborted) return;
    if (result.outcome === 'conflict') {
      showConflict(result.theirs, sent, result.problem);
      return;
    }
    if (step !== 'form') showForm();
    if (result.outcome === 'refused') form.object(result.problem, sent);
    else form.say(safe(result.words));
  }

  async function review() {
    if (!form.check()) return false;
    form.say('');
    const given = form.given();
    const result = await writeObject(kind, form.id(), given, base, { dryRun: true, signal });
    if (result.outcome === 'done') showReview(result.preview, given);
    else tell(result, given);
    return false;
  }

  // ---- what it would do

  function showReview(preview, given) {
    if (signal.aborted) return;
    step = 'review';
    const head = stepHead(['This would ', base === null ? 'create ' : 'change ', kind.one, ' ', identifier(form.id()), '. Nothing is written yet.']);
    replace(body, other, head, previewView(kind, preview));
    const nothing = preview.changes.length === 0;
    dialog.setActions([
      { label: 'Back', run: () => { showForm(); form.focus(); return false; } },
      ...(nothing ? [{ label: 'Close' }] : [{ label: base === null ? `Create ${kind.one}` : `Change ${kind.one}`, kind: 'primary', run: () => write(given, base) }]),
    ]);
    head.focus();
  }

  async function write(given, upon) {
    const id = form.id();
    const result = await writeObject(kind, id, given, upon, { signal });
    if (result.outcome === 'done') {
      tellWritten(kind, id, upon, result);
      dialog.close(result.item);
    } else tell(result, given);
    return false;
  }

  // ---- somebody else was there

  function showConflict(theirs, mine, problem) {
    step = 'conflict';
    other.hidden = true;
    const words = theirs === null ? 'Somebody has deleted it meanwhile.'
      : base === null ? `Somebody has made a ${kind.one} of this ID meanwhile.`
        : `Somebody has changed it meanwhile${theirs.changed_at ? `, at ${localTime(theirs.changed_at, live.now())}` : ''}.`;
    const alike = theirs !== null && same(givenOf(kind, theirs), givenOf(kind, mine));
    const head = stepHead([problem?.status === 428 ? 'The bridge wants to know which state is changed. ' : '', `${words} ${alike ? '' : WHEN_ALONE}`]);
    dialog.setTitle(`Conflict: ${named(kind, form.id())}`);
    replace(body, head, threeView(kind, base && givenOf(kind, base), givenOf(kind, mine), theirs && givenOf(kind, theirs)));
    dialog.setActions(alike ? [{ label: 'Close', value: theirs }] : [
      { label: theirs === null ? 'Create mine again' : 'Write mine upon theirs', kind: 'danger', run: () => write(mine, theirs) },
      { label: theirs === null ? 'Leave it deleted' : 'Take theirs', run: () => takeTheirs(theirs) },
      { label: 'Edit on', run: () => editOn(theirs, mine) },
    ]);
    head.focus();
  }

  function takeTheirs(theirs) {
    notify(`${capital(kind)} ${safe(form.id())} stays as they have ${theirs === null ? 'left' : 'written'} it.`);
    dialog.close(undefined);
    return false;
  }

  /** Mine stays where I have changed something; all else is theirs from now on. */
  function editOn(theirs, mine) {
    form.set(merged(kind, base && givenOf(kind, base), mine, theirs && givenOf(kind, theirs)));
    base = theirs;
    showForm();
    form.say(theirs === null ? 'It was deleted: this creates it again.' : 'What you have changed is kept; everything else is as they have written it.', 'info');
    form.focus();
    return false;
  }

  function onLive({ ids }) {
    const id = base?.[kind.id];
    if (!id || step === 'conflict' || (ids !== null && !ids.has(id))) return;
    const now = live.data[kind.resource].get(id);
    if (now && BigInt(now.revision) <= BigInt(base.revision)) return;
    other.hidden = false;
    replace(other, h('span', {}, now ? 'Somebody has changed it while you edit.' : 'Somebody has deleted it while you edit.'),
      h('button', { type: 'button', class: 'button small', on: { click: compare } }, 'Compare'));
  }

  async function compare() {
    try {
      showConflict(await readObject(kind, form.id(), signal), form.given());
    } catch (problem) {
      notifyProblem(problem, 'It could not be read');
    }
  }

  const end = subscribe(kind.resource, onLive);
  dialog.done.then(() => {
    end();
    ending.abort();
  });
  showForm();
  form.focus();
  return dialog.done;
}
