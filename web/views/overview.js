// SPDX-License-Identifier: Apache-2.0
// How the bridge is, in five seconds: what is wrong, worst first, and how much it has to do.
import { h, replace, setText } from '../base/dom.js';
import { NONE, ageElement, compact, counted, duration, identifier, number, percent } from '../base/format.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { healthLine } from '../parts/header.js';
import { createSparkline } from '../parts/sparkline.js';
import { badge, shape } from '../parts/state_badge.js';
import { findings, heldRequests, order } from '../service/health.js';
import { live, subscribe } from '../service/live.js';
import { samples } from '../service/rates.js';
import { webhookFindings } from '../service/webhook_health.js';
import { linkTo } from './index.js';

const HELD_SHOWN_MAX = 8;
const REDRAW_MS = 1000;

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

function aboutOf(status, now) {
  return `up ${duration(now - Date.parse(status.started_at))} \u00b7 version ${status.version} \u00b7 decides: ${status.decision.order.join(', ')}`;
}

function findingItem(finding, now) {
  const tone = finding.severity === 'bad' ? 'bad' : 'warning';
  const words = [h('span', { class: 'finding-what' }, finding.what),
    h('span', { class: 'finding-detail' }, finding.detail, finding.since && [finding.detail ? ' \u00b7 ' : '', 'for ', ageElement(finding.since, now)])];
  return h('li', { class: `finding ${tone}` }, shape(tone), h('span', { class: 'visually-hidden' }, tone === 'bad' ? 'Problem: ' : 'Warning: '),
    linkTo(finding.href) ? h('a', { class: 'finding-words', href: finding.href }, words) : h('span', { class: 'finding-words' }, words));
}

function heldItem({ resource, item, sinceMs }, now, limitMs) {
  const left = sinceMs + limitMs - now;
  const id = resource === 'relays' ? item.relay_id : item.lookup_id;
  const address = linkTo(`/${resource}/${encodeURIComponent(id)}`);
  return h('li', { class: 'held' },
    badge(left < 0 ? 'bad' : 'warning', left < 0 ? `overdue by ${duration(-left)}` : `${duration(left)} left`),
    h(address ? 'a' : 'span', { href: address }, `${resource === 'relays' ? 'Relay' : 'Lookup'} ${id}`),
    h('span', {}, 'of ', identifier(item.km_id), ' to ', identifier(item.destination_kma_id ?? item.application_destination_id)));
}

/** @type {import('./index.js').View} */
export default {
  keys: [],
  mount(container, { onEnd, signal }) {
    const headline = h('span', { class: 'overview-headline' });
    const about = h('span', { class: 'overview-about' });
    const health = h('p', { class: 'overview-health' }, headline, about);
    const problems = h('ol', { class: 'findings', 'aria-label': 'What is wrong, worst first' });
    const held = h('ol', { class: 'held-list', 'aria-label': 'Held requests, the longest first' });
    const heldPanel = h('section', { class: 'panel', hidden: true }, h('h2', {}, 'Waiting for a decision'), held);
    const sparks = {
      relays: createSparkline({ label: 'Relays per second', format: compact }),
      success: createSparkline({ label: 'Share that succeeded', format: (share) => percent(share, 1), ceiling: 1 }),
      decision: createSparkline({ label: 'Time to a decision', format: (us) => duration(us / 1000) }),
    };
    const tiles = {
      kms: tile('KMs connected', { href: '/kms' }),
      relays: tile('Relays per second', { spark: sparks.relays }),
      success: tile('Relays that succeed', { spark: sparks.success }),
      decision: tile('Time to a decision', { spark: sparks.decision }),
      open: tile('Open relays'),
      held: tile('Held for a decision'),
    };
    const body = h('div', { class: 'overview' }, h('div', { class: 'tiles' }, Object.values(tiles).map((each) => each.element)),
      h('section', { class: 'panel' }, h('h2', {}, 'What is wrong'), problems), heldPanel);
    const waiting = loadingBlock(6);
    container.append(h('h1', { class: 'visually-hidden' }, 'Overview'), health, waiting, body);
    let ofWebhooks = [];

    function drawTiles(status, now) {
      const { totals } = status;
      const last = samples.at(-1);
      const recent = samples.slice(-30);
      tiles.kms.set(`${number(totals.kms_connected)} of ${number(totals.kms_enrolled)}`, totals.kms_refused > 0 ? `${counted(totals.kms_refused, 'peer')} refused since the start` : '');
      tiles.relays.set(last?.relaysPerSecond == null ? NONE : compact(last.relaysPerSecond), `${compact(totals.relays_received)} since the start`, `${number(totals.relays_received)} since the start`);
      const shares = recent.filter((sample) => sample.succeededShare !== null);
      const weight = shares.reduce((sum, sample) => sum + sample.endedPerSecond, 0);
      const share = weight > 0 ? shares.reduce((sum, sample) => sum + sample.succeededShare * sample.endedPerSecond, 0) / weight : null;
      const lost = totals.relays_ended.failed + totals.relays_ended.expired + totals.relays_ended.orphaned;
      tiles.success.set(share === null ? NONE : percent(share, 1), `${compact(lost)} lost since the start`, `failed ${number(totals.relays_ended.failed)}, expired ${number(totals.relays_ended.expired)}, orphaned ${number(totals.relays_ended.orphaned)}, rejected ${number(totals.relays_ended.rejected)}`);
      const times = recent.filter((sample) => sample.decisionUs !== null);
      tiles.decision.set(times.length > 0 ? duration(times.at(-1).decisionUs / 1000) : NONE, 'mean, from request to decision');
      const open = status.limits.open_relays;
      tiles.open.set(number(totals.relays_open), `of at most ${compact(open.max)}`);
      const waitingFor = heldRequests(live.data);
      tiles.held.set(number(totals.relays_held + totals.lookups_held), waitingFor.length > 0 ? `the oldest ${duration(now - waitingFor[0].sinceMs)}` : status.decision.orchestrator_present ? 'an orchestrator is present' : 'no orchestrator is present');
      sparks.relays.set(samples.map((sample) => sample.relaysPerSecond));
      sparks.success.set(samples.map((sample) => sample.succeededShare));
      sparks.decision.set(samples.map((sample) => sample.decisionUs));
      return waitingFor;
    }

    let drawnFindings = '';
    function drawFindings(found, now) {
      const shown = JSON.stringify([found, Math.floor(now / 1000)]);
      if (shown === drawnFindings || problems.contains(document.activeElement)) return;
      drawnFindings = shown;
      if (found.length === 0) replace(problems, h('li', { class: 'finding' }, emptyBlock({ title: 'Nothing', detail: 'KMs are connected, the store writes, no limit is near.' })));
      else replace(problems, found.map((finding) => findingItem(finding, now)));
    }

    function draw() {
      const { status } = live.data;
      waiting.hidden = status !== null;
      body.hidden = health.hidden = status === null;
      if (status === null) return;
      const now = live.now();
      const line = healthLine();
      if (headline.textContent !== line.text) replace(headline, shape(line.tone), line.text);
      setText(about, aboutOf(status, now));
      health.className = `overview-health ${line.tone}`;
      const waitingFor = drawTiles(status, now);
      drawFindings(order([...findings(live.data, now), ...ofWebhooks]), now);
      heldPanel.hidden = waitingFor.length === 0;
      replace(held, waitingFor.slice(0, HELD_SHOWN_MAX).map((each) => heldItem(each, now, status.decision.orchestrator_ms)));
    }

    onEnd(subscribe(['status', 'kms', 'links', 'relays', 'lookups'], draw));
    const timer = setInterval(draw, REDRAW_MS);
    onEnd(() => clearInterval(timer));
    webhookFindings(signal, (found) => {
      ofWebhooks = found;
      draw();
    });
    draw();
    return {};
  },
};
