// SPDX-License-Identifier: Apache-2.0
// A frame that a KM has sent wrongly: its header in words, and its bytes with the place where it went wrong.
import { h } from '../base/dom.js';
import { NONE, number } from '../base/format.js';
import { fact } from '../parts/fact.js';

const PER_ROW = 16;

/** @type {Record<number, string>} */
const COMMANDS = {
  1: 'Next hop request', 2: 'Next hop response', 3: 'Notify of key relay', 4: 'Key relay request', 5: 'Key relay response',
};

/** "0x03 Notify of key relay" @param {number | undefined} command */
export function commandWords(command) {
  if (command === undefined) return NONE;
  return `0x${command.toString(16).padStart(2, '0')} ${COMMANDS[command] ?? 'unknown command'}`;
}

/** @param {string} hex @returns {number[]} */
export function bytesOf(hex) {
  return Array.from({ length: Math.floor(hex.length / 2) }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function printable(byte) {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '\u00b7';
}

function cells(row, from, wrongAt, write) {
  return row.map((byte, i) => (from + i === wrongAt ? h('mark', {}, write(byte)) : write(byte)));
}

function spaced(nodes) {
  return nodes.flatMap((node, i) => (i === 0 ? [node] : [i === PER_ROW / 2 ? '  ' : ' ', node]));
}

/** A line of the dump: "0010  7b 22 ...  {"". */
function line(row, from, wrongAt) {
  const hex = spaced(cells(row, from, wrongAt, (byte) => byte.toString(16).padStart(2, '0')));
  const width = 3 * row.length - 1 + (row.length > PER_ROW / 2 ? 1 : 0);
  const padding = ' '.repeat(3 * PER_ROW - width + 2);
  return [h('span', { class: 'dump-offset' }, from.toString(16).padStart(4, '0')), '  ', hex, padding, cells(row, from, wrongAt, printable), '\n'];
}

/** @param {string} hex @param {number} start where in the payload it begins @param {number} wrongAt likewise */
export function dump(hex, start, wrongAt) {
  const bytes = bytesOf(hex);
  const rows = [];
  for (let i = 0; i < bytes.length; i += PER_ROW) rows.push(line(bytes.slice(i, i + PER_ROW), start + i, wrongAt));
  return h('pre', { class: 'dump', tabindex: 0, 'aria-label': `Bytes ${start} to ${start + bytes.length} of the payload; it goes wrong at byte ${wrongAt}` }, rows);
}

/** @param {any} data of a ck.protocol_error */
export function frameDetail(data) {
  const length = data.payload_bytes;
  const shown = data.excerpt === undefined ? 0 : data.excerpt.length / 2;
  return h('div', { class: 'frame' },
    h('dl', { class: 'facts' },
      fact('CommandCode', commandWords(data.command)),
      fact('MessageID', data.message_id === undefined ? NONE : String(data.message_id)),
      length !== undefined && [fact('Version', String(data.version)), fact('Payload', `${number(length)} bytes`)],
      fact('Wrong at', data.offset === undefined ? NONE : `byte ${number(data.offset)} of the payload`)),
    data.excerpt === undefined ? h('p', { class: 'hint' }, 'Its bytes were not kept.')
      : shown === 0 ? h('p', { class: 'hint' }, 'The payload is empty.')
        : [dump(data.excerpt, data.excerpt_offset, data.offset), shown < length && h('p', { class: 'hint' }, `${number(shown)} of ${number(length)} bytes, around that place`)]);
}
