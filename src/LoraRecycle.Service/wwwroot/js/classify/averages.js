// What many episodes are like, beside the one that happens to be on the page. The figures are those of docs/results.md, for the model
// and the meta-LoRA that ship with the service; for others there are none.
import { el } from '../shared/dom.js';

const measured = { vfm: 'vit-s-12-96', metaLora: 'default', ways: 5 };

/** Percent right over 600 episodes, by the number of examples: without and with the meta-LoRA. */
const averages = {
  1: [['everyday things (Caltech-101)', '88.61', '89.31'], ['handwriting (Omniglot)', '72.03', '80.39'], ['birds (CUB)', '64.36', '68.92']],
  5: [['everyday things (Caltech-101)', '96.23', '96.45'], ['handwriting (Omniglot)', '86.63', '92.56'], ['birds (CUB)', '83.57', '86.63']],
};

/** A table beside the summary of a sample episode; nothing where nothing like it was measured. */
export function averageOf(episode, runs) {
  const shots = new Set(episode.support.map(one => one.pictures.length));
  const rows = shots.size === 1 ? averages[[...shots][0]] : null;
  const isMeasured = runs.some(({ answer }) => answer.model.metaLora === measured.metaLora) && runs.every(({ answer }) => answer.model.vfm === measured.vfm);
  const isKnown = episode.queries.length > 0 && episode.queries.every(picture => picture.expected !== null);
  if (!rows || !isMeasured || !isKnown || episode.support.length !== measured.ways || episode.corrections.length > 0) return '';
  const [shot] = shots;
  return el('div', { class: 'average', id: 'average' },
    el('p', {}, 'One episode says little. The average of 600, on classes that no LoRA saw:'),
    el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'The average of 600 episodes' }, el('table', {},
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, `5 classes, ${shot === 1 ? '1 example' : `${shot} examples`} each`), el('th', { scope: 'col', class: 'number' }, 'Bare model'), el('th', { scope: 'col', class: 'number' }, 'Meta-LoRA'))),
      el('tbody', {}, rows.map(([name, bare, adapted]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', { class: 'number' }, `${bare} %`), el('td', { class: 'number' }, `${adapted} %`)))))),
    el('p', { class: 'hint' }, 'A meta-LoRA helps most where the model knows least: photographs of everyday things are easy without it. ', el('a', { href: 'manual/docs/results.md' }, 'All results')));
}
