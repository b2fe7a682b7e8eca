// SPDX-License-Identifier: Apache-2.0
// How a KM speaks where the Recommendation leaves it open: the settings, their values, and what is learned of them.

/**
 * @typedef {{ name: string, label: string, usual: string, help: string, choices?: string[] }} DialectSetting
 *   `usual`: the default; without `choices` it is free text
 */

/** @type {DialectSetting[]} */
export const DIALECT = [
  { name: 'byte_order', label: 'Byte order', usual: 'big', choices: ['big', 'auto'], help: 'Of the header; auto recognises a little-endian KM by its first CommandCode.' },
  { name: 'version', label: 'Versions', usual: '1', help: 'Protocol versions that are accepted, up to 4; the first is sent when the KM\u2019s is unknown.' },
  { name: 'message_id', label: 'MessageID', usual: 'echo', choices: ['echo', 'fresh'], help: 'Whether a Key relay request carries the MessageID of the notification it answers.' },
  { name: 'transit', label: 'Transit list', usual: 'intermediate', choices: ['intermediate', 'to_destination', 'full'], help: 'Which KMAs of the path the transit list holds.' },
  { name: 'transit_type', label: 'Transit type', usual: 'array', choices: ['array', 'string'], help: 'JSON type of the transit list; a string has commas between the identifiers.' },
  { name: 'refusal', label: 'Refusal', usual: 'none', choices: ['none', 'extension', 'close'], help: 'What is sent when a notified relay gets no route.' },
  { name: 'key_style', label: 'Key style', usual: 'auto', choices: ['auto', 'snake', 'camel', 'title'], help: 'Spelling of the payload\u2019s keys; auto mirrors the KM\u2019s latest request.' },
  { name: 'extensions', label: 'Extensions', usual: 'auto', choices: ['auto', 'yes', 'no'], help: 'Whether extensions are sent; auto: once the KM has sent one itself.' },
  { name: 'success_words', label: 'Success words', usual: '', help: 'Up to 8 responses that mean success beside the usual ones, with commas between them.' },
];

/** What the session shows of it; null: nothing yet, or nothing to learn. @param {string} name @param {any} session */
export function learned(name, session) {
  if (name === 'byte_order' && session.byte_order !== null) return `${session.byte_order} endian`;
  if (name === 'key_style' && session.key_style_seen !== null) return session.key_style_seen;
  return null;
}
