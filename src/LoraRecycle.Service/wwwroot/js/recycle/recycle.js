// The section in which LoRAs are recycled: the jobs, a form for a new one, or one that is watched.
import { getJson } from '../shared/api.js';
import { byId, el, sayProblem } from '../shared/dom.js';
import { when } from '../shared/format.js';
import { stateChip, watchJob } from './job.js';
import { jobForm } from './job-form.js';

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
  byId('recycle-body').replaceChildren(el('div', { class: 'panel' },
    el('h2', {}, 'Jobs'),
    jobs.length === 0 ? el('p', { class: 'empty' }, 'No jobs yet. “New job…” starts one.') : list(jobs),
    next ? el('p', { class: 'hint' }, 'Older jobs are at /recycle.') : null));
}

const list = jobs => el('ul', { class: 'job-list' }, jobs.map(job => el('li', {}, el('a', { href: `#/recycle/${job.id}` },
  el('strong', {}, job.metaLora), stateChip(job), el('span', { class: 'hint' }, when(job.created))))));

async function showForm() {
  byId('recycle-actions').replaceChildren(link('#/recycle', 'All jobs'));
  byId('recycle-body').replaceChildren(await jobForm(job => { location.hash = `#/recycle/${job.id}`; }));
}
