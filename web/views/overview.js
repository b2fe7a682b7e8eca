// SPDX-License-Identifier: Apache-2.0
// How the bridge is, in five seconds: what is wrong, worst first, and how much it has to do.
import { h, replace, setText } from '../base/dom.js';
import { NONE, compact, counted, duration, identifier, number, percent } from '../base/format.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { healthLine } from '../parts/header.js';
import { createKeyedList } from '../parts/keyed_list.js';
import { createSparkline } from '../parts/sparkline.js';
import { badge, shape } from '../parts/state_badge.js';
import { findings, heldRequests, order } from '../service/health.js';
import { live, subscribe } from '../service/live.js';
import { policyFor } from '../service/policy.js';
import { samples, succeededShare } from '../service/rates.js';
import { webhookFindings } from '../service/webhook_health.js';
import { linkTo } from './index.js';

const HELD_SHOWN_MAX = 8;
const REDRAW_MS = 1000;
const SOON_MS = 250; // after a change: many come together
const RECENT_SAMPLES = 30; // a minute

function tile(label, { href = null, spark } = {}) {
  const value = h('span', { class: 'tile-value' }, NONE);
  const more = h('span', { class: 'tile-more' });
  const element = h(linkTo(href) ? 'a' : 'div', { class: 'tile', href: linkTo(href) }, h('span', { class: 'tile-label' }, label), value, more, spark?.element);
  return { element, set: (text, detail = '', title = null) => {
    setText(value, text);
    setText(more, detail);
    if (title) element.title = title;
  } };
}

/** Counted in whole milliseconds, each cut: a mean of 0 is less than one. */
function decisionTime(ms) {
  return ms === 0 ? '< 1 ms' : duration(ms);
}

function aboutOf(status, now) {
  return `up ${duration(now - Date.parse(status.started_at))} \u00b7 version ${status.version} \u00b7 decides: ${status.decision.order.join(', ')}`;
}

function findingItem(finding) {
  const tone = finding.severity === 'bad' ? 'bad' : 'warning';
  const what = h('span', { class: 'finding-what' });
  const detail = h('span', { class: 'finding-detail' });
  const address = linkTo(finding.href);
  const element = h('li', { class: `finding ${tone}` }, shape(tone), h('span', { class: 'visually-hidden' }, tone === 'bad' ? 'Problem: ' : 'Warning: '),
    h(address ? 'a' : 'span', { class: 'finding-words', href: address }, what, detail));
  return { element, update: (now, atMs) => {
    setText(what, now.what);
    setText(detail, [now.detail, now.since && `for ${duration(atMs - Date.parse(now.since))}`].filter(Boolean).join(' \u00b7 '));
  } };
}

function heldItem({ resource, item }) {
  const id = resource === 'relays' ? item.relay_id : item.lookup_id;
  const address = linkTo(`/${resource}/${encodeURIComponent(id)}`);
  const left = h('span', { class: 'held-left' });
  const element = h('li', { class: 'held' }, left,
    h(address ? 'a' : 'span', { href: address }, `${resource === 'relays' ? 'Relay' : 'Lookup'} ${id}`),
    h('span', {}, 'of ', identifier(item.km_id), ' to ', identifier(item.destination_kma_id ?? item.application_destination_id)));
  return { element, update: ({ sinceMs }, now) => {
    const ms = sinceMs + policyFor(item, live.data).orchestrator_ms - now;
    replace(left, badge(ms < 0 ? 'bad' : 'warning', ms < 0 ? `overdue by ${duration(-ms)}` : `${duration(ms)} left`));
  } };
}

/** @type {import('./index.js').View} */
export default {
  keys: [],
  mount(container, { onEnd, signal }) {
    const headline = h('span', { class: 'overview-headline' });
    const about = h('span', { class: 'overview-about' });
    const health = h('p', { class: 'overview-health' }, headline, about);
    const problems = h('ol', { class: 'findings', 'aria-label': 'What is wrong, worst first' });
    const nothing = emptyBlock({ title: 'Nothing', detail: 'KMs are connected, the store writes, no limit is near.' });
    const problemList = createKeyedList(problems, { key: ({ key, severity, href }) => `${severity} ${key} ${href}`, make: findingItem });
    const held = h('ol', { class: 'held-list', 'aria-label': 'Held requests, the longest first' });
    const heldList = createKeyedList(held, { key: ({ resource, item }) => `${resource} ${item.relay_id ?? item.lookup_id}`, make: heldItem });
    const heldPanel = h('section', { class: 'panel', hidden: true }, h('h2', {}, 'Waiting for a decision'), held);
    const sparks = {
      relays: createSparkline({ label: 'Relays per second', format: compact }),
      success: createSparkline({ label: 'Share that succeeded', format: (share) => percent(share, 1), ceiling: 1 }),
      decision: createSparkline({ label: 'Time to a decision', format: decisionTime }),
    };
    const tiles = {
      kms: tile('KMs connected', { href: '/kms' }),
      relays: tile('Relays per second', { spark: sparks.relays }),
      success: tile('Relays succeeding', { spark: sparks.success }),
      decision: tile('Time to a decision', { spark: sparks.decision }),
      open: tile('Open relays'),
      held: tile('Held for a decision'),
    };
    const body = h('div', { class: 'overview' }, h('div', { class: 'tiles' }, Object.values(tiles).map((each) => each.element)),
      h('section', { class: 'panel' }, h('h2', {}, 'What is wrong'), problems, nothing), heldPanel);
    const waiting = loadingBlock(6);
    container.append(h('h1', { class: 'visually-hidden' }, 'Overview'), health, waiting, body);
    let ofWebhooks = [];

    function drawTiles(status, now) {
      const { totals } = status;
      const measured = samples();
      const last = measured.at(-1);
      const recent = measured.slice(-RECENT_SAMPLES);
      tiles.kms.set(`${number(totals.kms_connected)} of ${number(totals.kms_enrolled)}`, totals.kms_refused > 0 ? `${counted(totals.kms_refused, 'peer')} refused since the start` : '');
      tiles.relays.set(last?.relaysPerSecond == null ? NONE : compact(last.relaysPerSecond), `${compact(totals.relays_received)} since the start`, `${number(totals.relays_received)} since the start`);
      const share = succeededShare(recent);
      const lost = totals.relays_ended.failed + totals.relays_ended.expired + totals.relays_ended.orphaned;
      tiles.success.set(share === null ? NONE : percent(share, 1), `${compact(lost)} lost since the start`, `failed ${number(totals.relays_ended.failed)}, expired ${number(totals.relays_ended.expired)}, orphaned ${number(totals.relays_ended.orphaned)}, rejected ${number(totals.relays_ended.rejected)}`);
      const times = recent.filter((sample) => sample.decisionMs !== null);
      tiles.decision.set(times.length > 0 ? decisionTime(times.at(-1).decisionMs) : NONE, 'mean, since its request');
      const open = status.limits.open_relays;
      tiles.open.set(number(totals.relays_open), `of at most ${compact(open.max)}`);
      const waitingFor = heldRequests(live.data);
      tiles.held.set(number(totals.relays_held + totals.lookups_held), waitingFor.length > 0 ? `the oldest ${duration(now - waitingFor[0].sinceMs)}` : status.decision.orchestrator_present ? 'an orchestrator is present' : 'no orchestrator is present');
      sparks.relays.set(measured.map((sample) => sample.relaysPerSecond));
      sparks.success.set(measured.map((sample) => sample.succeededShare));
      sparks.decision.set(measured.map((sample) => sample.decisionMs));
      return waitingFor;
    }

    function drawFindings(found, now) {
      problemList.set(found, now);
      nothing.hidden = found.length > 0;
    }

    function draw() {
      const { status } = live.data;
      if (status !== null) waiting.remove();
      body.hidden = health.hidden = status === null;
      if (status === null) return;
      const now = live.now();
      const line = healthLine(ofWebhooks);
      if (headline.textContent !== line.text) replace(headline, shape(line.tone), line.text);
      setText(about, aboutOf(status, now));
      health.className = `overview-health ${line.tone}`;
      const waitingFor = drawTiles(status, now);
      drawFindings(order([...findings(live.data, now), ...ofWebhooks]), now);
      heldPanel.hidden = waitingFor.length === 0;
      heldList.set(waitingFor.slice(0, HELD_SHOWN_MAX), now);
    }

    let soon = 0;
    onEnd(subscribe(['status', 'kms', 'links', 'relays', 'lookups'], () => {
      soon ||= setTimeout(() => {
        soon = 0;
        draw();
      }, SOON_MS);
    }));
    const timer = setInterval(draw, REDRAW_MS);
    onEnd(() => {
      clearInterval(timer);
      clearTimeout(soon);
    });
    webhookFindings(signal, (found) => {
      ofWebhooks = found;
      draw();
    });
    draw();
    return {};
  },
};
