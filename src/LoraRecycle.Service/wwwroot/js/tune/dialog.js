// Tunes a LoRA for the market from the examples on the page.
import { getJson } from '../shared/api.js';
import { sendEpisode } from '../classify/ask.js';
import { byId, closeDialog, el, openDialog, sayProblem } from '../shared/dom.js';
import { count } from '../shared/format.js';
import { watchTuning } from './watching.js';

const objectives = {
  prototypes: 'Learns to bring pictures of a class together: better on a few pictures.',
  head: 'Learns through a classifier of its own: the published way, for many pictures.',
};

/** Asks how, starts a job, and shows it until somebody closes the dialog; the job goes on then. */
export async function tuneLora(episode) {
  const region = el('div', { role: 'alert' });
  const watching = new AbortController();
  const pictures = episode.support.reduce((sum, one) => sum + one.pictures.length, 0);
  const shown = openDialog('Tune a LoRA from these examples', [
    el('p', { class: 'hint' }, `A LoRA that tells these ${count(episode.support.length, 'class', 'classes')} apart, tuned on ${count(pictures, 'picture')} in the background. The market gets it, and the server keeps no picture.`),
    region,
    el('div', { id: 'tune-body' }, el('p', {}, 'Loading the methods…')),
  ]);
  try {
    const { methods } = await getJson('tune/methods');
    const form = formOf(methods, region, async (fields, button) => {
      const job = await sendEpisode('tune', episode, fields, { queries: false });
      button.disabled = true;
      byId('tune-body').replaceChildren(...watchTuning(job, region, watching.signal));
      byId('tune-close').focus();
    });
    byId('tune-body')?.replaceChildren(form);
    byId('tune-name')?.focus();
  } catch (problem) {
    byId('tune-body')?.replaceChildren(closing());
    sayProblem(region, problem);
  }
  await shown;
  watching.abort();
}

const closing = () => el('div', { class: 'actions end' }, el('button', { type: 'button', onclick: () => closeDialog('') }, 'Close'));

function formOf(methods, region, start) {
  const idea = el('p', { class: 'hint', id: 'tune-idea' });
  const learns = el('p', { class: 'hint', id: 'tune-learns' });
  const method = el('select', { id: 'tune-method', 'aria-describedby': 'tune-idea', onchange: explain }, methods.map(one => el('option', { value: one.name }, one.title)));
  const objective = el('select', { id: 'tune-objective', 'aria-describedby': 'tune-learns', onchange: explain },
    el('option', { value: 'prototypes' }, 'how near pictures are'), el('option', { value: 'head' }, 'a classifier’s errors'));
  const steps = el('input', { id: 'tune-steps', type: 'number', min: 1, max: 100000, required: true, value: methods[0].settings.steps });
  explain();
  return el('form', {
    onsubmit: async event => {
      event.preventDefault();
      const button = event.submitter ?? byId('tune-start');
      button.disabled = true;
      region.replaceChildren();
      try {
        await start({
          name: byId('tune-name').value.trim(), method: method.value,
          options: JSON.stringify({ steps: Number(steps.value), objective: objective.value }),
        }, button);
      } catch (problem) {
        sayProblem(region, problem);
        button.disabled = false;
      }
    },
  },
    el('label', { for: 'tune-name' }, 'Name'),
    el('input', { id: 'tune-name', maxLength: 100, autocomplete: 'off', placeholder: 'Optional' }),
    el('label', { for: 'tune-method' }, 'Method'), method, idea,
    el('label', { for: 'tune-objective' }, 'Learns from'), objective, learns,
    el('label', { for: 'tune-steps' }, 'Steps'), steps,
    el('div', { class: 'actions end' },
      el('button', { type: 'button', onclick: () => closeDialog('') }, 'Cancel'),
      el('button', { class: 'primary', id: 'tune-start' }, 'Tune')));

  function explain() {
    const one = methods.find(other => other.name === method.value) ?? methods[0];
    idea.textContent = `${one.idea} (${one.paper})`;
    learns.textContent = objectives[objective.value];
  }
}
