// What was answered against what it really is, as far as that is known.
import { el } from '../shared/dom.js';

const most = 12; // more classes make no table that anybody reads
const none = 'none of them';

/**
 * The table of the first adapter's answers: those of pictures that are known, and those that were corrected. Nothing where nothing
 * is known, or nothing was wrong.
 * @param {{ answer: any, queries: any[] }[]} runs
 * @param {{ said: string | null, is: string }[]} corrections
 */
export function confusionOf(runs, corrections) {
  const [run] = runs;
  const judged = [
    ...run.queries.map((picture, i) => ({ is: picture.expected, said: run.answer.predictions[i].label })).filter(one => one.is !== null),
    ...corrections,
  ].map(({ is, said }) => ({ is, said: said ?? none }));
  if (judged.every(({ is, said }) => is === said)) return '';
  const rows = [...new Set(judged.map(one => one.is))].sort();
  const columns = [...new Set([...rows, ...judged.map(one => one.said)])].sort();
  if (columns.length > most) return '';
  const countOf = (is, said) => judged.filter(one => one.is === is && one.said === said).length;
  return el('details', { class: 'confusion', id: 'confusion' },
    el('summary', {}, 'Which classes are taken for which'),
    el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Confusion table' }, el('table', {},
      el('caption', { class: 'hint' }, 'Rows: what it is. Columns: what was answered. Corrections count as well.'),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'is \\ answered'), columns.map(said => el('th', { scope: 'col', class: 'number' }, said)))),
      el('tbody', {}, rows.map(is => el('tr', {}, el('th', { scope: 'row' }, is), columns.map(said => {
        const times = countOf(is, said);
        return el('td', { class: is === said ? 'number right' : times > 0 ? 'number wrong' : 'number' }, times || '·');
      })))))));
}
