// The section with the LoRAs of the market.
import { getJson, send } from '../shared/api.js';
import { byId, confirmed, el, say, sayProblem } from '../shared/dom.js';
import { bytes, classesOf, short, when } from '../shared/format.js';
import { showSpectrum } from './spectrum.js';
import { startUpload } from './upload.js';

const part = 25;
let next = null;
let rows = null;

export function start() {
  startUpload(refresh);
  byId('market-filter').addEventListener('submit', event => {
    event.preventDefault();
    refresh();
  });
  byId('market-more').addEventListener('click', more);
}

/** @param {string[]} rest of the address: the name of a LoRA to look for */
export function show(rest = []) {
  if (rest[0]) byId('filter-name').value = decodeURIComponent(rest[0]);
  refresh();
}

function query() {
  const parameters = new URLSearchParams({ limit: String(part) });
  for (const [name, id] of [['name', 'filter-name'], ['origin', 'filter-origin'], ['rank', 'filter-rank']]) {
    const value = byId(id).value.trim();
    if (value) parameters.set(name, value);
  }
  return parameters;
}

async function refresh() {
  next = null;
  await guarded(async () => {
    const page = await getJson(`loras?${query()}`);
    rows = el('tbody');
    byId('market-list').replaceChildren(page.loras.length === 0 ? empty() : el('div', { class: 'loras' }, el('table', {}, head(), rows)));
    add(page);
  });
}

async function more() {
  await guarded(async () => {
    const parameters = query();
    parameters.set('after', next);
    add(await getJson(`loras?${parameters}`));
  });
}

async function guarded(work) {
  try {
    say(byId('market-status'), '');
    await work();
  } catch (problem) {
    sayProblem(byId('market-status'), problem);
  }
}

function add(page) {
  next = page.next;
  rows.append(...page.loras.map(row));
  byId('market-more').hidden = next === null;
}

const empty = () => el('p', { class: 'panel empty' }, 'No LoRAs match. Upload one, or change the filter.');

const head = () => el('thead', {}, el('tr', {},
  ['Name', 'Family', 'Rank', 'Targets', 'Classes', 'Size', 'Added', 'Actions'].map((text, i) =>
    el('th', { scope: 'col', class: i === 2 || i === 5 ? 'number' : '' }, text))));

const order = ['q', 'k', 'v', 'out', 'mlp', 'fc1', 'fc2'];

const targets = all => [...all].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(' ');

function row(lora) {
  const name = lora.name ?? short(lora.id);
  const cell = (label, content, className = '') => el('td', { 'data-label': label, class: className }, content);
  return el('tr', {},
    el('td', {}, el('span', {}, el('span', { class: 'lora-name' }, name), el('code', { class: 'lora-id', title: lora.id }, short(lora.id)))),
    cell('Family', lora.family),
    cell('Rank', lora.rank ?? '–', 'number'),
    cell('Targets', targets(lora.targets), 'lora-targets'),
    cell('Classes', el('span', { class: 'lora-classes', title: lora.classes.join(', ') }, lora.classCount === null ? 'no head' : classesOf(lora))),
    cell('Size', bytes(lora.bytes), 'number'),
    cell('Added', when(lora.added), 'lora-added'),
    el('td', {}, el('div', { class: 'row-actions' },
      el('button', { type: 'button', 'aria-label': `Spectrum of ${name}`, onclick: () => showSpectrum(lora.id, name) }, 'Spectrum'),
      lora.origin === 'shipped'
        ? el('span', { class: 'chip' }, 'shipped')
        : el('button', { type: 'button', class: 'danger', disabled: lora.inUse, title: lora.inUse ? 'A job uses it.' : '', 'aria-label': `Delete ${name}`, onclick: () => remove(lora, name) }, 'Delete'))));
}

async function remove(lora, name) {
  if (!await confirmed('Delete this LoRA?', `“${name}” (${bytes(lora.bytes)}) will be removed from the server. This cannot be undone.`, 'Delete')) return;
  await guarded(async () => {
    await send('DELETE', `loras/${lora.id}`);
    await refresh();
    say(byId('market-status'), `“${name}” was deleted.`, 'good');
  });
}
