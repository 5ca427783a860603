// The section in which pictures are classified.
import { ask } from './ask.js';
import { answerOf, nameOf, summaryOf } from './answers.js';
import { getJson } from '../shared/api.js';
import { showCurl, curlOf } from './curl.js';
import { byId, el, say, sayProblem } from '../shared/dom.js';
import { drawEpisode, startPaste } from './drawing.js';
import { Episode } from './episode.js';
import { keepEpisode } from './keeping.js';
import { clearMap, drawMap } from './map.js';
import { count } from '../shared/format.js';
import { offerSamples } from './samples.js';
import { openTask, storeTask } from './tasks.js';

const episode = new Episode();
let runs = [];
let asking = null;
let shownOnce = false;

export function start() {
  episode.addEventListener('change', (/** @type {CustomEvent} */ event) => {
    if (event.detail.examples) forget();
    draw();
  });
  startPaste(episode);
  byId('add-class').addEventListener('submit', event => {
    event.preventDefault();
    const input = byId('new-class');
    if (input.value.trim() === '') return input.focus();
    episode.addClass(input.value);
    input.value = '';
  });
  byId('ask').addEventListener('submit', event => {
    event.preventDefault();
    classify();
  });
  byId('clear-episode').addEventListener('click', () => { forget(); episode.clear(); say(byId('classify-status'), ''); });
  byId('copy-curl').addEventListener('click', () => {
    if (episode.missing) return say(byId('classify-status'), episode.missing, 'warn');
    showCurl(curlOf(episode, settings()));
  });
  byId('save-task').addEventListener('click', store);
  byId('load-task').addEventListener('click', open);
  byId('map-model').addEventListener('change', event => drawMap(runs[event.target.value]));
  draw();
  keepEpisode(episode, isKept => say(byId('classify-status'), isKept ? '' : 'This browser cannot keep so many pictures: reloading the page will clear them.', 'warn'));
}

export async function show() {
  if (shownOnce) return;
  shownOnce = true;
  await offerSamples(byId('samples'), episode, async () => {
    byId('compare').checked = true;
    await classify();
  });
  await offerAdapters(); // last: a server that has just started looks into them only when it has loaded libtorch
}

const settings = () => ({ metaLora: byId('meta-lora').value, reject: byId('reject').value });

/** The meta-LoRAs that there are. Who may not list them can still ask for the active one, and for none. */
async function offerAdapters() {
  const select = byId('meta-lora');
  try {
    const { active, metaLoras } = await getJson('meta-loras');
    const chosen = select.value;
    select.options[0].textContent = active === 'none' ? 'active: the bare model' : `active meta-LoRA: ${active}`;
    while (select.options.length > 2) select.remove(2);
    for (const one of metaLoras) if (one.status === 'ready') select.add(new Option(one.id, one.id));
    select.value = chosen;
  } catch {
    // The two that every server has are there.
  }
}

async function classify() {
  const region = byId('classify-status');
  if (episode.missing && episode.support.length + episode.open.length === 0) return say(region, 'Give examples of at least two classes, then a picture to classify. Or try the sample photographs.', 'warn');
  if (episode.missing) return say(region, episode.missing, 'warn');
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { metaLora, reject } = settings();
  const button = byId('classify-button');
  button.disabled = true;
  say(region, `Classifying ${count(episode.open.length, 'picture')}…`);
  try {
    runs = await ask(episode, byId('compare').checked && metaLora !== 'none' ? [metaLora, 'none'] : [metaLora], reject, signal);
    // Two adapters that are the same one, because none is active, answer once.
    if (runs.length === 2 && runs[0].answer.model.metaLora === 'none') runs.pop();
    answered();
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    forget();
    draw();
    if (episode.missing) say(region, `${episode.missing} ${refusedText()}`, 'bad');
    else sayProblem(region, problem);
  } finally {
    button.disabled = false;
  }
}

function refusedText() {
  const refused = [...episode.classes.flatMap(one => one.pictures), ...episode.queries].filter(picture => picture.refused).length;
  return refused > 0 ? `${count(refused, 'file')} could not be used; see each for the reason.` : '';
}

function answered() {
  for (const picture of episode.queries) picture.answers = [];
  for (const { answer, queries } of runs) {
    const name = runs.length > 1 ? nameOf(answer) : '';
    answer.predictions.forEach((prediction, i) => queries[i].answers.push(() => answerOf(prediction, name, queries[i].expected)));
  }
  draw();
  const [run] = runs;
  if (!run) return say(byId('classify-status'), `${episode.missing ?? ''} ${refusedText()}`, 'bad');
  say(byId('classify-status'), `${count(run.queries.length, 'picture')} classified by ${runs.map(one => nameOf(one.answer)).join(' and by ')}. ${refusedText()}`, refusedText() ? 'warn' : 'good');
  byId('summary').replaceChildren(summaryOf(runs));
  byId('map-choice').hidden = runs.length < 2;
  byId('map-model').replaceChildren(...runs.map((one, i) => el('option', { value: i }, nameOf(one.answer))));
  byId('map-panel').hidden = false;
  drawMap(run);
}

/** What was answered is no answer any more to what is there now. */
function forget() {
  runs = [];
  for (const picture of episode.queries) picture.answers = [];
  byId('summary').replaceChildren();
  byId('map-panel').hidden = true;
  clearMap();
}

function draw() {
  drawEpisode(episode);
}

async function store() {
  const region = byId('classify-status');
  if (episode.support.length < 2) return say(region, 'A task needs at least two classes with a picture each.', 'warn');
  const task = await storeTask(episode, settings());
  draw();
  if (task) say(region, `Stored as ${task.name ?? task.id}. ${refusedText()}`, 'good');
}

async function open() {
  const task = await openTask(episode);
  if (!task) return;
  forget();
  const select = byId('meta-lora');
  if ([...select.options].some(option => option.value === task.metaLora)) select.value = task.metaLora;
  byId('reject').value = [...byId('reject').options].some(option => option.value === String(task.reject)) ? String(task.reject) : '';
  draw();
  say(byId('classify-status'), `${task.name ?? 'The task'} is open: ${count(task.classes, 'class', 'classes')}, ${count(task.images, 'picture')}.`, 'good');
}
