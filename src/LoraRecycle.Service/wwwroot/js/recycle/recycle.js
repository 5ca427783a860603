// The section in which LoRAs are recycled: the jobs, a form for a new one, or one that is watched.
import { getJson } from '../shared/api.js';
import { byId, el, sayProblem } from '../shared/dom.js';
import { when } from '../shared/format.js';
import { stateChip, watchJob } from './job.js';
import { jobForm } from './job-form.js';
import { metaLorasPanel } from './meta-loras.js';

let watched = null;

export function show([id]) {
  hide();
  byId('recycle-status').replaceChildren();
  if (id === 'new') return guarded(showForm);
  if (id) {
    byId('recycle-actions').replaceChildren(link('#/recycle', 'All jobs'));
    watched = watchJob(id, byId('recycle-body'), byId('recycle-actions'));
    return;
  }
  guarded(showList);
}

export function hide() {
  watched?.abort();
  watched = null;
}

const link = (hash, text, className = 'button') => el('a', { class: className, href: hash }, text);

async function guarded(work) {
  try {
    await work();
  } catch (problem) {
    sayProblem(byId('recycle-status'), problem);
  }
}

async function showList() {
  byId('recycle-actions').replaceChildren(link('#/recycle/new', 'New job…'));
  const { jobs, next } = await getJson('recycle?limit=50');
  const rows = list(jobs);
  const more = el('button', { type: 'button', hidden: !next, onclick: () => guarded(async () => {
    const older = await getJson(`recycle?limit=50&before=${encodeURIComponent(more.dataset.next)}`);
    const first = rowsOf(older.jobs);
    rows.append(...first);
    first[0]?.querySelector('a').focus();
    more.dataset.next = older.next ?? '';
    more.hidden = !older.next;
  }) }, 'Older jobs');
  more.dataset.next = next ?? '';
  byId('recycle-body').replaceChildren(el('div', { class: 'panel' },
    el('h2', {}, 'Jobs'),
    jobs.length === 0 ? el('p', { class: 'empty' }, 'No jobs yet. “New job…” starts one.') : rows, more));
  const panel = await metaLorasPanel(jobs);
  if (location.hash === '#/recycle') byId('recycle-body').append(panel);
}

const list = jobs => el('ul', { class: 'job-list' }, rowsOf(jobs));

const rowsOf = jobs => jobs.map(job => el('li', {}, el('a', { href: `#/recycle/${job.id}` },
  el('strong', {}, job.metaLora), stateChip(job), el('span', { class: 'hint' }, when(job.created)))));

async function showForm() {
  byId('recycle-actions').replaceChildren(link('#/recycle', 'All jobs'));
  const form = await jobForm(job => { location.hash = `#/recycle/${job.id}`; });
  if (location.hash === '#/recycle/new') byId('recycle-body').replaceChildren(form);
}
