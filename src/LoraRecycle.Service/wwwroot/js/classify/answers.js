// What came of it: a bar for each probability, and what it took.
import { el } from '../shared/dom.js';
import { count, milliseconds, percent } from '../shared/format.js';

const shown = 3;

/** What an answer is called: the adapter that gave it. */
export const nameOf = answer => (answer.model.metaLora === 'none' ? 'bare model' : `meta-LoRA ${answer.model.metaLora}`);

/** What the probabilities are worth: a word, and what is behind it. */
const calibrations = {
  fitted: ['calibrated', 'About nine in ten answers with 90 % are right.'],
  'support-set': ['calibrated by the examples', 'This model has no stored calibration, so the examples calibrate the probabilities.'],
  none: ['not calibrated', 'The probabilities are far too high: this model has no calibration, and a class has only one example.'],
};

/** One query's answer by one adapter. */
export function answerOf(prediction, name, expected, threshold = null) {
  const { label, scores, novelty } = prediction;
  const [first, rest] = [scores.slice(0, shown), scores.slice(shown)];
  return el('div', { class: 'answer' },
    name ? el('h3', {}, name) : null,
    el('p', { class: 'verdict' },
      el('b', {}, label ?? 'none of the classes'),
      expected ? verdict(label, expected) : null,
      threshold !== null ? el('span', { class: 'hint', title: 'How unlike every class it is; above the threshold it is rejected.' }, `novelty ${novelty.toFixed(2)}, threshold ${threshold.toFixed(2)}`) : null),
    el('ul', {}, first.map((score, i) => bar(score, i === 0 && label !== null))),
    rest.length > 0 ? more(rest) : null);
}

const verdict = (label, expected) => (label === expected
  ? el('span', { class: 'right' }, '✓ right')
  : el('span', { class: 'wrong' }, `✗ expected ${expected}`));

function bar({ label, probability }, isBest) {
  const fill = el('div', { class: 'fill' });
  fill.style.width = `${probability * 100}%`;
  return el('li', { class: isBest ? 'score best' : 'score' },
    el('span', { class: 'name', title: label }, label),
    el('span', { class: 'track', 'aria-hidden': 'true' }, fill),
    el('span', { class: 'number' }, percent(probability)));
}

/** The other classes, made when somebody wants to see them: with 50 classes and 500 queries they are many. */
function more(scores) {
  const list = el('ul', { class: 'scores', tabIndex: 0, 'aria-label': 'Other classes' });
  const details = el('details', {}, el('summary', {}, `${scores.length} more`), list);
  details.addEventListener('toggle', () => { if (details.open && !list.hasChildNodes()) list.append(...scores.map(score => bar(score, false))); });
  return details;
}

/** What each adapter took, and how often it was right where that is known. */
export function summaryOf(runs) {
  const known = runs.some(run => run.queries.some(picture => picture.expected));
  return el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Summary' }, el('table', { class: 'summary' },
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Answered by'), known ? el('th', { scope: 'col', class: 'number' }, 'Right') : null,
      el('th', { scope: 'col' }, 'Probabilities'),
      el('th', { scope: 'col', class: 'number' }, 'Time'), el('th', { scope: 'col', class: 'number' }, 'Cached'))),
    el('tbody', {}, runs.map(({ answer, queries }) => {
      const judged = queries.map((picture, i) => [picture.expected, answer.predictions[i].label]).filter(([expected]) => expected);
      const { timing, cache } = answer;
      const [worth, why] = calibrations[answer.calibration];
      return el('tr', {},
        el('th', { scope: 'row' }, nameOf(answer)),
        known ? el('td', { class: 'number' }, `${judged.filter(([expected, label]) => expected === label).length} of ${judged.length}`) : null,
        el('td', { title: why }, worth),
        el('td', { class: 'number', title: `decoding ${milliseconds(timing.decodeMs)}, embedding ${milliseconds(timing.embedMs)}` }, milliseconds(timing.totalMs)),
        el('td', { class: 'number' }, `${cache.hits} of ${cache.hits + cache.misses}`));
    }))));
}

/** What was corrected, as a table of what was answered against what it is; nothing where nothing was. */
export function correctionsOf(corrections) {
  if (corrections.length === 0) return '';
  return el('p', { class: 'hint', id: 'corrections' }, `${count(corrections.length, 'correction')}: these pictures are examples now, and are not counted above.`);
}
