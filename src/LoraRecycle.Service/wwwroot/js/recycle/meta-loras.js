// The meta-LoRAs that there are: which one answers, the way back to the one before, how well they do, and the end of one.
import { getBlob, getJson, send } from '../shared/api.js';
import { confirmed, el, say, sayProblem } from '../shared/dom.js';
import { download } from '../shared/download.js';
import { keepFocus } from '../shared/focus.js';
import { bytes, when } from '../shared/format.js';
import { activate, previous, titleOf } from './activation.js';

const mostEvaluations = 20;

/** The panel; `jobs` are those that may have made and evaluated one. */
export async function metaLorasPanel(jobs) {
  const region = el('div', { role: 'status', 'aria-live': 'polite' });
  const list = el('ul', { class: 'meta-loras' });
  const back = el('div', {});
  const panel = el('section', { class: 'panel', 'aria-labelledby': 'meta-loras-title' }, el('h2', { id: 'meta-loras-title', tabIndex: -1 }, 'Meta-LoRAs'),
    el('p', { class: 'hint' }, 'The active one answers wherever a request names none. Requests that are being answered finish with the one they began with.'),
    region, back, list);
  const evaluations = await evaluationsOf(jobs);

  const guarded = work => async () => {
    try {
      await work();
    } catch (problem) {
      sayProblem(region, problem);
    }
  };
  const use = id => guarded(async () => {
    const active = await activate(id);
    await draw();
    say(region, `${titleOf(active)} answers now.`, 'good');
  });
  const save = id => guarded(async () => download(await getBlob(`meta-loras/${id}/archive`), `${id}.zip`));
  const remove = id => guarded(async () => {
    if (!await confirmed(`Delete “${id}”?`, 'Its files are removed from the server. This cannot be undone; the job that made it can be run again.', 'Delete', 'Keep')) return;
    await send('DELETE', `meta-loras/${id}`);
    await draw();
    say(region, `“${id}” was deleted.`, 'good');
  });

  const row = (one, active) => {
    const isActive = one.id === active;
    return el('li', {},
      el('div', { class: 'grow' }, el('strong', {}, one.id === 'none' ? 'the bare model' : one.id), isActive ? [' ', el('span', { class: 'chip good' }, 'active')] : null,
        el('div', { class: 'hint' }, describe(one, evaluations.get(one.id)))),
      one.status === 'ready' && !isActive ? el('button', { type: 'button', id: `use-${one.id}`, 'aria-label': `Activate ${one.id === 'none' ? 'the bare model' : one.id}`, onclick: use(one.id) }, 'Activate') : null,
      one.id !== 'none' && one.status === 'ready' ? el('button', { type: 'button', id: `download-${one.id}`, 'aria-label': `Download ${one.id}`, onclick: save(one.id) }, 'Download') : null,
      one.id !== 'none' && !one.shipped ? el('button', { type: 'button', class: 'danger', id: `delete-${one.id}`, 'aria-label': `Delete ${one.id}`, onclick: remove(one.id) }, 'Delete…') : null);
  };

  async function draw() {
    const { active, metaLoras } = await getJson('meta-loras');
    const bare = { id: 'none', status: 'ready' };
    const before = previous();
    keepFocus(panel, 'meta-loras-title', () => {
      list.replaceChildren(...[...metaLoras, bare].map(one => row(one, active)));
      back.replaceChildren(...(before && before !== active && [...metaLoras, bare].some(one => one.id === before)
        ? [el('button', { type: 'button', id: 'back-to-previous', onclick: use(before) }, `Back to ${titleOf(before)}`)] : []));
    });
  }
  await draw();
  return panel;
}

function describe(one, evaluation) {
  if (one.id === 'none') return 'no adapter';
  if (one.status !== 'ready') return `unusable: ${one.problem}`;
  const percent = (accuracy, interval) => `${(100 * accuracy).toFixed(1)} ± ${(100 * interval).toFixed(1)} %`;
  const worth = evaluation
    ? `right: ${percent(evaluation.accuracy, evaluation.interval95)} on ${evaluation.dataSet}; ${titleOf(evaluation.active)} then: ${percent(evaluation.activeAccuracy, evaluation.activeInterval95)}`
    : 'not evaluated by a job here';
  return `${one.family}, rank ${one.rank}, ${bytes(one.bytes)}, ${when(one.written)}; ${worth}`;
}

/** What jobs measured, by the meta-LoRA that they made. */
async function evaluationsOf(jobs) {
  const found = new Map();
  await Promise.all(jobs.filter(job => job.state === 'succeeded').slice(0, mostEvaluations).map(async job => {
    const described = await getJson(`recycle/${job.id}`).catch(() => null);
    if (described?.evaluation) found.set(job.metaLora, described.evaluation);
  }));
  return found;
}
