// One job, watched as it goes: its stage, losses, pictures, and what came of it.
import { getJson, send } from '../shared/api.js';
import { lossChart } from './chart.js';
import { confirmed, el, sayProblem } from '../shared/dom.js';
import { follow } from '../shared/events.js';
import { keepFocus } from '../shared/focus.js';
import { count, duration, when } from '../shared/format.js';
import { Gallery } from './gallery.js';
import { resultOf } from './result.js';

const stages = ['waiting', 'inverting', 'distilling', 'evaluating', 'publishing', 'ended'];
const kinds = { queued: '', running: 'accent', cancelling: 'warn', cancelled: 'warn', succeeded: 'good', failed: 'bad' };
const isOver = job => ['cancelled', 'succeeded', 'failed'].includes(job.state);

export const stateChip = job => el('span', { class: `chip ${kinds[job.state] ?? ''}` }, job.state === 'running' ? job.stage : job.state);

/** Shows a job in an element and keeps it up to date until it is aborted. */
export function watchJob(id, body, actions) {
  const watching = new AbortController();
  const view = new JobView(id, body, actions, watching.signal);
  view.run();
  return watching;
}

class JobView {
  losses = new Map(); // by unit
  pending = null;

  constructor(id, body, actions, signal) {
    this.id = id;
    this.body = body;
    this.actions = actions;
    this.signal = signal;
    this.parts = Object.fromEntries(['state', 'charts', 'result', 'log', 'error'].map(name => [name, el('div', { class: 'stack' })]));
    this.parts.error.setAttribute('role', 'alert');
    this.gallery = new Gallery(id, signal);
    this.charts = el('div', { class: 'panel chart' }, el('h2', {}, 'Losses'), this.parts.charts);
    this.logPanel = el('div', { class: 'panel' }, el('h2', {}, 'Log'), this.parts.log);
  }

  async run() {
    this.body.replaceChildren(el('p', { class: 'empty' }, 'Looking…'));
    try {
      await this.refresh();
    } catch (problem) {
      if (!this.signal.aborted) sayProblem(this.body, problem);
      return;
    }
    if (this.signal.aborted) return;
    this.body.replaceChildren(this.parts.error, el('div', { class: 'panel' }, this.parts.state), this.parts.result,
      el('div', { class: 'recycle-columns' }, this.charts, this.gallery.element), this.logPanel);
    this.drawCharts();
    await this.gallery.refresh();
    await follow(`recycle/${this.id}`, event => this.take(event), this.signal);
  }

  take({ type, data }) {
    if (type === 'progress') {
      if (data.loss !== null && data.loss !== undefined) this.addLoss(data);
      this.soon(1000);
      return;
    }
    this.soon(type === 'state' ? 0 : 300, type === 'unit' && data.state === 'done');
  }

  /** A unit that was started again goes on from its checkpoint; what it read after that is read again. */
  addLoss({ unit, kind, iteration, loss }) {
    if (!this.losses.has(unit)) this.losses.set(unit, { unit, kind, points: [] });
    const { points } = this.losses.get(unit);
    while (points.length > 0 && points.at(-1)[0] >= iteration) points.pop();
    points.push([iteration, loss]);
  }

  /** Looks at the job again, once for many events. */
  soon(wait, pictures = false) {
    this.wantsPictures ||= pictures;
    this.pending ??= setTimeout(async () => {
      this.pending = null;
      if (this.signal.aborted) return;
      try {
        await this.refresh();
        this.drawCharts();
        if (this.wantsPictures || isOver(this.described.job)) await this.gallery.refresh();
        this.wantsPictures = false;
      } catch {
        this.soon(3000);
      }
    }, wait);
  }

  async refresh() {
    this.described = await getJson(`recycle/${this.id}`, { signal: this.signal });
    this.drawState();
    this.parts.result.replaceChildren(...resultOf(this.described, problem => sayProblem(this.parts.error, problem)));
    const { log } = this.described;
    this.parts.log.replaceChildren(el('ol', { class: 'log', tabIndex: 0, 'aria-label': 'Log' }, [...log].reverse().map(line => el('li', {}, `${new Date(line.time).toLocaleTimeString()}  ${line.message}`))));
  }

  drawState() {
    const { job, progress, loras, units } = this.described;
    const at = stages.indexOf(job.stage);
    const hasEvaluation = units.some(unit => unit.kind === 'evaluate');
    const share = progress.iterations > 0 ? progress.iteration / progress.iterations : 0;
    const fill = el('div', { class: 'fill' });
    fill.style.width = `${100 * (isOver(job) ? (job.state === 'succeeded' ? 1 : share) : share)}%`;
    const aside = loras.filter(lora => lora.setAside);
    this.parts.state.replaceChildren(el('div', { class: 'stack' },
      el('div', { class: 'head' }, el('h2', {}, job.metaLora), stateChip(job)),
      el('ol', { class: 'steps', 'aria-label': 'Stages' }, stages.slice(0, -1).filter(stage => stage !== 'evaluating' || hasEvaluation).map(stage => {
        const isDone = job.state === 'succeeded' || (!isOver(job) && stages.indexOf(stage) < at);
        return el('li', { class: isDone ? 'done' : '', ...(stage === job.stage && !isOver(job) ? { 'aria-current': 'step' } : {}) }, isDone ? `✓ ${stage}` : stage);
      })),
      isOver(job) ? el('p', { class: 'hint' }, `${job.state} ${when(job.ended)}${job.started ? `, after ${duration((Date.parse(job.ended) - Date.parse(job.started)) / 1000)}` : ''}`) : el('div', {},
        el('div', { class: 'meter', role: 'progressbar', 'aria-label': `Progress of ${job.stage}`, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(share * 100) }, fill),
        el('p', { class: 'meter-text number' }, el('span', {}, progress.iterations > 0 ? `${progress.iteration.toLocaleString('en')} of ${count(progress.iterations, 'step')}` : 'starting'),
          el('span', {}, progress.etaSeconds === null ? '' : `this stage: ${duration(progress.etaSeconds)} left`))),
      job.error ? el('p', { class: 'message bad' }, job.error) : null,
      aside.length > 0 ? el('p', { class: 'message warn' }, `${count(aside.length, 'LoRA was', 'LoRAs were')} set aside: ${aside.map(lora => `${lora.name ?? lora.id} (${lora.setAside})`).join('; ')}`) : null,
      el('p', { class: 'hint' }, `Of ${count(loras.length, 'LoRA')}: ${loras.slice(0, 6).map(lora => lora.name ?? lora.id.slice(0, 8)).join(', ')}${loras.length > 6 ? ', …' : ''}`)));
    this.drawActions(job);
  }

  drawActions(job) {
    const back = el('a', { class: 'button', href: '#/recycle' }, 'All jobs');
    const end = isOver(job)
      ? el('button', { type: 'button', class: 'danger', onclick: () => this.end('Remove this job?', 'This deletes its images and log. The meta-LoRA it made stays.', 'Remove', 'Keep') }, 'Remove…')
      : el('button', { type: 'button', class: 'danger', disabled: job.state === 'cancelling', onclick: () => this.end('Cancel this job?', 'Its results so far will be lost.', 'Cancel job', 'Keep running') }, 'Cancel the job…');
    end.id = 'end-job';
    back.id = 'all-jobs';
    keepFocus(this.actions, 'all-jobs', () => this.actions.replaceChildren(back, end));
  }

  async end(title, text, yes, no) {
    if (!await confirmed(title, text, yes, no)) return;
    try {
      const response = await send('DELETE', `recycle/${this.id}`);
      if (response.status === 204) location.hash = '#/recycle';
      else this.soon(0);
    } catch (problem) {
      sayProblem(this.parts.error, problem);
    }
  }

  drawCharts() {
    const units = [...this.losses.values()].sort((a, b) => a.unit - b.unit);
    /** @type {any[]} lines, title, hint */
    const charts = [['invert', 'Inversion', 'one line per unit'], ['distill', 'Distillation', '']].map(([kind, title, hint]) => [units.filter(unit => unit.kind === kind && unit.points.length > 0), title, hint]).filter(([lines]) => lines.length > 0);
    this.parts.charts.replaceChildren(...(charts.length > 0
      ? charts.map(([lines, title, hint]) => lossChart(title, hint, lines.map(unit => ({ name: `unit ${unit.unit}`, points: unit.points }))))
      : [el('p', { class: 'empty' }, 'No losses yet.')]));
  }
}
