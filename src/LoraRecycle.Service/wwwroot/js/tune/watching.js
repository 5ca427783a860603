// One tuning job as it goes, in the dialog.
import { getJson, send } from '../shared/api.js';
import { closeDialog, el, say, sayProblem } from '../shared/dom.js';
import { follow } from '../shared/events.js';
import { percent } from '../shared/format.js';

/** What the dialog shows of a job until it is aborted. */
export function watchTuning(job, region, signal) {
  const status = el('div', { class: 'status', role: 'status' });
  const steps = el('p', { class: 'hint', id: 'tune-steps-done' }, 'Waiting for its turn…');
  const bar = el('progress', { id: 'tune-progress', max: 1, value: 0, 'aria-label': 'Steps' });
  const cancel = el('button', {
    type: 'button', class: 'danger', onclick: async () => {
      cancel.disabled = true;
      try {
        await send('DELETE', `tune/${job.id}`);
      } catch (problem) {
        sayProblem(region, problem);
      }
    },
  }, 'Cancel the job');
  say(status, `“${job.name}” is being tuned. It goes on if you close this.`);
  follow(`tune/${job.id}`, ({ type, data }) => {
    if (type === 'progress') {
      Object.assign(bar, { max: data.iterations, value: data.iteration });
      steps.textContent = `Step ${data.iteration} of ${data.iterations}${data.loss === null ? '' : `, loss ${data.loss.toFixed(3)}`}`;
    } else if (type === 'tuned') steps.textContent = data.message;
    else if (type === 'state' && data.final) ended(data);
  }, signal);
  return [status, bar, steps, el('div', { class: 'actions end' }, cancel, el('button', { type: 'button', id: 'tune-close', onclick: () => closeDialog('') }, 'Close'))];

  async function ended({ state, message }) {
    cancel.remove();
    if (state !== 'succeeded') return say(status, message, state === 'failed' ? 'bad' : 'warn');
    bar.value = bar.max;
    try {
      const { job: { name }, evaluation } = await getJson(`tune/${job.id}`);
      say(status, name === job.name ? `“${name}” is in the market.` : `It is in the market as “${name}”, which has the same files.`, 'good');
      status.append(el('a', { class: 'button', href: `#/market/${encodeURIComponent(name)}`, onclick: () => closeDialog('') }, 'Show it in the market'));
      steps.textContent = [`Right: ${percent(evaluation.trainAccuracy)} of the pictures that it was tuned on`,
        evaluation.heldOutAccuracy === null ? 'none was held out' : `${percent(evaluation.heldOutAccuracy)} of ${evaluation.heldOutImages} held out`].join(', ').concat('.');
    } catch (problem) {
      say(status, message, 'good');
      sayProblem(region, problem);
    }
  }
}
