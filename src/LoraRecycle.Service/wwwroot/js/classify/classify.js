// The section in which pictures are classified.
import { Answering } from './answering.js';
import { correctionsOf, nameOf, summaryOf } from './answers.js';
import { averageOf } from './averages.js';
import { confusionOf } from './confusion.js';
import { showCode } from './code-dialog.js';
import { byId, el, say, sayProblem } from '../shared/dom.js';
import { download } from '../shared/download.js';
import { offerUndo, withdrawUndo } from '../shared/undo.js';
import { drawEpisode, drawQueries, startPaste } from './drawing.js';
import { Episode } from './episode.js';
import { csvOf, foldersOf } from './export.js';
import { keepEpisode } from './keeping.js';
import { clearMap, drawMap } from './map.js';
import { count } from '../shared/format.js';
import { saidOf } from './order.js';
import { offerSamples } from './samples.js';
import { offerAdapters, setSettings, settings } from './settings.js';
import { tuneLora } from '../tune/dialog.js';
import { addToTask, dropFromTask, openTask, storeTask } from './tasks.js';

const episode = new Episode();
const answering = new Answering(episode, settings);
const region = () => byId('classify-status');
let shownOnce = false;

export function start() {
  episode.addEventListener('change', (/** @type {CustomEvent} */ { detail }) => {
    draw();
    if (detail.what) offerUndo(detail.what, () => episode.undo(), 'new-class');
    else withdrawUndo();
    answering.follow();
  });
  answering.addEventListener('asking', () => {
    busy(true);
    say(region(), answering.runs.length > 0 ? 'Answering again…' : `Classifying ${count(episode.open.length, 'picture')}…`);
  });
  answering.addEventListener('answered', () => { busy(false); answered(); });
  answering.addEventListener('impossible', () => { busy(false); unanswered(); say(region(), `${episode.missing} The answers come back by themselves.`, 'warn'); });
  answering.addEventListener('failed', (/** @type {CustomEvent} */ { detail }) => {
    busy(false);
    draw();
    unanswered();
    if (episode.missing) say(region(), `${episode.missing} ${refusedText()}`, 'bad');
    else sayProblem(region(), detail);
  });
  startPaste(episode);
  startForms();
  draw();
  keepEpisode(episode, answering, { get: settings, set: setSettings }, isKept =>
    say(region(), isKept ? '' : 'This browser cannot keep so many pictures: reloading the page will clear them.', 'warn'));
}

function startForms() {
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
  for (const id of ['meta-lora', 'reject', 'compare']) byId(id).addEventListener('change', () => answering.follow());
  for (const id of ['order', 'shown']) byId(id).addEventListener('change', () => drawQueries(episode, view(), then));
  byId('grid').addEventListener('change', event => byId('queries').classList.toggle('grid', event.target.checked));
  byId('export-csv').addEventListener('click', () => download(csvOf(answering.runs), 'answers.csv'));
  byId('export-zip').addEventListener('click', async () => download(await foldersOf(answering.runs), 'pictures.zip'));
  byId('to-map').addEventListener('click', event => {
    event.preventDefault();
    byId('map-panel').scrollIntoView();
    byId('map-title').focus({ preventScroll: true });
  });
  byId('clear-episode').addEventListener('click', () => {
    answering.stop();
    answering.isLive = false;
    unanswered();
    say(region(), '');
    episode.clear();
  });
  byId('undo-last').addEventListener('click', () => episode.undo());
  addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== 'z') return;
    const isElsewhere = byId('classify-title').closest('section').hidden || document.querySelector('dialog[open]');
    if (isElsewhere || (/** @type {Element} */ (event.target)).matches?.('input:not([type=file], [type=checkbox]), textarea')) return;
    event.preventDefault();
    episode.undo();
  });
  byId('copy-code').addEventListener('click', () => {
    if (episode.missing) return say(region(), episode.missing, 'warn');
    showCode(episode, settings());
  });
  byId('save-task').addEventListener('click', store);
  byId('tune-lora').addEventListener('click', tune);
  byId('load-task').addEventListener('click', open);
  byId('map-model').addEventListener('change', event => drawMap(answering.runs[event.target.value]));
}

export async function show() {
  if (answering.isLive && !answering.isCurrent && !answering.isAsking) answering.follow(); // the server is back, say
  if (shownOnce) return;
  shownOnce = true;
  await offerSamples(byId('samples'), episode, {
    loaded: async () => { byId('compare').checked = true; await classify(); },
    failed: problem => sayProblem(region(), problem),
  });
  await offerAdapters(); // last: a server that has just started looks into them only when it has loaded libtorch
}

export function hide() {
  withdrawUndo();
}

const view = () => ({ order: byId('order').value, shown: byId('shown').value });

const then = { correct, confirm: picture => { picture.expected = saidOf(picture).label; answering.again(); } };

/** What a picture really is: an example from now on, in the stored task as well where one is open. */
async function correct(picture, label) {
  const { task } = episode;
  const said = saidOf(picture)?.label ?? null;
  const one = episode.classes.find(other => other.label.trim() === label) ?? episode.addClass(label);
  if (!task) return episode.correct(picture, one, said);
  const name = task.name ?? 'the task';
  const guarded = async (work, problemText) => {
    try {
      await work();
    } catch (problem) {
      if (episode.task?.id === task.id) episode.leaveTask();
      sayProblem(region(), { ...problem, title: problemText, detail: `${problem.title} ${problem.detail}` });
    }
  };
  const kept = guarded(() => addToTask(task, label, picture), `The correction is on this page alone: “${name}” was not changed.`);
  episode.task = task; // a new class is in it, too
  episode.correct(picture, one, said, {
    keepsTask: true, what: `“${picture.name}” is now an example of ${label}, and “${name}” keeps it.`,
    also: async () => { await kept; if (picture.stored !== null) await guarded(() => dropFromTask(task, picture), `“${name}” still has the correction.`); },
  });
}

async function classify() {
  if (!episode.hasPictures) return say(region(), 'Give examples of at least two classes, then a picture to classify. Or try the sample photographs.', 'warn');
  if (episode.missing) return say(region(), episode.missing, 'warn');
  await answering.classify();
  // On a phone the answers are below the window.
  if (answering.isCurrent && region().getBoundingClientRect().top > innerHeight * 0.8) region().scrollIntoView({ block: 'start' });
}

/** The button stays where it is: one that is disabled would lose the focus. */
function busy(isBusy) {
  byId('classify-button').setAttribute('aria-busy', String(isBusy));
  byId('queries').classList.toggle('stale', isBusy);
}

function refusedText() {
  const refused = [...episode.classes.flatMap(one => one.pictures), ...episode.queries].filter(picture => picture.refused).length;
  return refused > 0 ? `${count(refused, 'file')} could not be used; see each for the reason.` : '';
}

const correctedText = () => (episode.corrections.length > 0 ? `${count(episode.corrections.length, 'correction')} so far.` : '');

function answered() {
  const { runs } = answering;
  draw();
  const [run] = runs;
  if (!run) return say(region(), `${episode.missing ?? ''} ${refusedText()}`, 'bad');
  say(region(), [`${count(run.queries.length, 'picture')} classified by ${runs.map(one => nameOf(one.answer)).join(' and by ')}.`, correctedText(), refusedText()].filter(Boolean).join(' '), refusedText() ? 'warn' : 'good');
  byId('summary').replaceChildren(summaryOf(runs), correctionsOf(episode.corrections), confusionOf(runs, episode.corrections), averageOf(episode, runs));
  byId('sift').hidden = false;
  byId('answers-hint').hidden = true;
  byId('map-choice').hidden = runs.length < 2;
  byId('map-model').replaceChildren(...runs.map((one, i) => el('option', { value: i }, nameOf(one.answer))));
  byId('map-panel').hidden = false;
  drawMap(run);
}

/** There is nothing to show of answers. */
function unanswered() {
  byId('summary').replaceChildren();
  byId('sift').hidden = true;
  byId('answers-hint').hidden = false;
  byId('shown').value = 'all';
  byId('map-panel').hidden = true;
  clearMap();
  drawQueries(episode, view(), then);
}

function draw() {
  drawEpisode(episode, view(), then);
  byId('undo-last').disabled = !episode.canUndo;
}

async function store() {
  if (episode.support.length < 2) return say(region(), 'A task needs at least two classes with a picture each.', 'warn');
  const task = await storeTask(episode, settings());
  draw();
  if (task) say(region(), `Stored as ${task.name ?? task.id}. ${refusedText()}`, 'good');
}

async function tune() {
  if (episode.support.length < 2) return say(region(), 'A LoRA is tuned on at least two classes with a picture each.', 'warn');
  await tuneLora(episode);
  draw(); // pictures may have been refused
}

async function open() {
  const task = await openTask(episode, { deleted: (names, problem) => (problem ? sayProblem(region(), problem) : say(region(), `Deleted: ${names.join(', ')}.`, 'good')) });
  if (!task) return;
  setSettings({ metaLora: task.metaLora, reject: task.reject });
  answering.follow();
  if (!answering.isAsking) say(region(), `${task.name ?? 'The task'} is open: ${count(task.classes, 'class', 'classes')}, ${count(task.images, 'picture')}.`, 'good');
}
