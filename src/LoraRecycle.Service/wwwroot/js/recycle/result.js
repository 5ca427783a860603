// What came of a job: how well its meta-LoRA does, and the button that puts it to use.
import { activate, titleOf } from './activation.js';
import { getJson } from '../shared/api.js';
import { el } from '../shared/dom.js';

/** The parts that a job's description gives rise to; none until there is a result. */
export function resultOf({ job, evaluation, activation }, failed) {
  const parts = [];
  if (evaluation) {
    const { dataSet, part, ways, shots, episodes } = evaluation;
    parts.push(el('h2', {}, 'Evaluation'),
      el('p', { class: 'hint' }, `${episodes} episodes of ${dataSet} (${part}), ${ways}-way ${shots}-shot, the same for both.`),
      el('ul', {}, bar(job.metaLora, evaluation.accuracy, evaluation.interval95, true), bar(evaluation.active === 'none' ? 'bare model' : `${evaluation.active} (active then)`, evaluation.activeAccuracy, evaluation.activeInterval95, false)));
  }
  if (activation) parts.push(el('p', { class: activation.activated ? 'message good' : 'hint' }, activation.reason));
  if (job.state === 'succeeded') parts.push(use(job.metaLora, failed));
  return parts.length > 0 ? [el('div', { class: 'panel result' }, parts)] : [];
}

function bar(name, accuracy, interval, isBest) {
  const fill = el('div', { class: 'fill' });
  fill.style.width = `${accuracy * 100}%`;
  return el('li', { class: isBest ? 'score best' : 'score' }, el('span', { class: 'name', title: name }, name), el('span', { class: 'track', 'aria-hidden': 'true' }, fill),
    el('span', { class: 'number' }, `${(accuracy * 100).toFixed(1)} ± ${(interval * 100).toFixed(1)} %`));
}

function use(id, failed) {
  const line = el('div', { class: 'inline', 'aria-live': 'polite' });
  const draw = active => line.replaceChildren(...(active === id
    ? [el('span', { class: 'chip good' }, 'in use'), el('span', { tabIndex: -1, id: 'in-use' }, `“${id}” is active. `, el('a', { href: '#/recycle' }, 'All meta-LoRAs, and the way back'))]
    : [el('button', { type: 'button', class: 'primary', onclick: turn }, 'Use this one'), el('span', { class: 'hint' }, `Active now: ${titleOf(active)}.`)]));
  const turn = async event => {
    event.target.disabled = true;
    try {
      draw(await activate(id));
      line.querySelector('#in-use')?.focus();
    } catch (problem) {
      event.target.disabled = false;
      failed(problem);
    }
  };
  getJson('meta-loras/active').then(active => draw(active.id), failed);
  return line;
}
