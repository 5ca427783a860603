// Answers to take along: as a table, and as the pictures in a folder for each class.
import { zip } from '../shared/zip.js';
import { nameOf } from './answers.js';

const none = 'none of the classes';

/** A line for each picture and adapter. A text that a spreadsheet would take for a formula is made one that it does not. */
export function csvOf(runs) {
  const labels = [...new Set(runs.flatMap(({ answer }) => answer.predictions.flatMap(one => one.scores.map(score => score.label))))];
  const rows = [['picture', 'answered by', 'label', 'probability', 'novelty', 'really', ...labels]];
  for (const { answer, queries } of runs) {
    answer.predictions.forEach(({ label, probability, novelty, scores }, i) => {
      const known = new Map(scores.map(score => [score.label, score.probability]));
      rows.push([queries[i].name, nameOf(answer), label ?? none, probability, novelty ?? '', queries[i].expected ?? '', ...labels.map(one => known.get(one) ?? '')]);
    });
  }
  return new Blob(['\uFEFF', rows.map(row => row.map(cell).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' });
}

function cell(value) {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The pictures, each in the folder of the class that the first adapter gave it, or that it really is.
 * @param {{ answer: any, queries: any[] }[]} runs
 */
export function foldersOf(runs) {
  const { answer, queries } = runs[0];
  const taken = new Set();
  return zip(queries.map((picture, i) => {
    const folder = safe(picture.expected ?? answer.predictions[i].label ?? none);
    const file = safe(picture.name);
    const [, stem, end] = /^(.*?)(\.[^.]*)?$/.exec(file);
    let name = `${folder}/${file}`;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${folder}/${stem} ${number}${end ?? ''}`;
    taken.add(name.toLowerCase());
    return { name, file: picture.file };
  }));
}

/** A name of one folder or file on every system. */
const safe = text => text.replace(/[\u0000-\u001f<>:"/\\|?*]/g, '_').replace(/^\.+|[. ]+$/g, '_') || '_';
