// Support sets that the server keeps.
import { getBlob, getJson, send } from '../shared/api.js';
import { sendEpisode } from './ask.js';
import { byId, closeDialog, el, openDialog, sayProblem } from '../shared/dom.js';
import { keepFocus } from '../shared/focus.js';
import { bytes, count, when } from '../shared/format.js';
import { Picture } from '../shared/picture.js';

/** Asks for a name and stores the examples. Resolves with what the server stored, or null. */
export async function storeTask(episode, { metaLora, reject }) {
  const region = el('div', { role: 'alert' });
  let stored = null;
  const form = el('form', {
    onsubmit: async event => {
      event.preventDefault();
      const button = event.submitter;
      button.disabled = true;
      try {
        const { task, classes } = await sendEpisode('tasks', episode, { metaLora, reject, name: byId('task-name').value.trim() }, { queries: false });
        number(episode.support, classes);
        episode.task = { id: task.id, name: task.name };
        stored = task;
        closeDialog('stored');
      } catch (problem) {
        sayProblem(region, problem);
        button.disabled = false;
      }
    },
  },
    el('p', { class: 'hint' }, 'The server keeps the examples and their embeddings; later requests send only the new picture.'),
    el('label', { for: 'task-name' }, 'Name'),
    el('input', { id: 'task-name', maxLength: 100, autocomplete: 'off' }),
    region,
    el('div', { class: 'actions end' },
      el('button', { type: 'button', onclick: () => closeDialog('') }, 'Cancel'),
      el('button', { class: 'primary' }, 'Store')));
  await openDialog('Store as a task', form);
  return stored;
}

/**
 * Shows the stored tasks; loads the one that is chosen. Resolves with it, or null. What is deleted is only marked until the list is
 * closed: the server cannot bring a task back under its id, and so there is all the time that somebody needs to change their mind.
 */
export async function openTask(episode, { deleted }) {
  const region = el('div', { role: 'alert' });
  const list = el('ul', { class: 'task-list' }, el('li', {}, 'Loading…'));
  const doomed = new Map();
  let loaded = null;
  let tasks = [];
  const shown = openDialog('Stored tasks', [list, region, el('div', { class: 'actions end' }, el('button', { type: 'button', id: 'close-tasks', onclick: () => closeDialog('') }, 'Close'))]);
  const draw = () => keepFocus(list, 'close-tasks', () =>
    list.replaceChildren(...(tasks.length > 0 ? tasks.map(row) : [el('li', {}, 'No stored tasks yet. “Store as a task…” stores one.')])));
  const refresh = async () => {
    tasks = (await getJson('tasks?limit=1000')).tasks.reverse();
    draw();
  };
  const doom = (task, isDoomed) => {
    if (isDoomed) doomed.set(task.id, task);
    else doomed.delete(task.id);
    draw();
    byId(isDoomed ? `keep-${task.id}` : `delete-${task.id}`)?.focus();
  };
  const guarded = work => async event => {
    const button = event?.target;
    if (button) button.disabled = true;
    try {
      await work();
    } catch (problem) {
      sayProblem(region, problem);
    } finally {
      if (button) button.disabled = false;
    }
  };
  const row = task => (doomed.has(task.id) ? el('li', {},
    el('div', { class: 'grow', role: 'status' }, el('strong', {}, nameOf(task)), el('div', { class: 'hint' }, 'will be deleted when you close this list.')),
    el('button', { type: 'button', id: `keep-${task.id}`, 'aria-label': `Undo: keep ${nameOf(task)}`, onclick: () => doom(task, false) }, 'Undo')) : el('li', {},
    el('div', { class: 'grow' }, el('strong', {}, nameOf(task)),
      el('div', { class: 'hint' }, `${count(task.classes, 'class', 'classes')}, ${count(task.images, 'picture')}, ${bytes(task.bytes)}, ${when(task.created)}`)),
    el('button', { type: 'button', class: 'primary', id: `open-${task.id}`, onclick: guarded(async () => { loaded = await load(episode, task); closeDialog('loaded'); }) }, 'Open'),
    el('button', { type: 'button', class: 'danger', id: `delete-${task.id}`, 'aria-label': `Delete ${nameOf(task)}`, onclick: () => doom(task, true) }, 'Delete')));
  await guarded(refresh)();
  await shown;
  if (doomed.size > 0) deleted([...doomed.values()].map(nameOf), await drop(doomed, episode));
  return loaded;
}

const nameOf = task => task.name ?? `task ${task.id.slice(0, 8)}`;

/** Deletes tasks; resolves with the first problem, or null. */
async function drop(tasks, episode) {
  try {
    for (const id of tasks.keys()) {
      await send('DELETE', `tasks/${id}`);
      if (episode.task?.id === id) episode.leaveTask();
    }
    return null;
  } catch (problem) {
    return problem;
  }
}

/** Its examples take the place of those that are there; the pictures to classify stay. */
async function load(episode, task) {
  const { classes } = await getJson(`tasks/${task.id}`);
  const support = await Promise.all(classes.map(async ({ label, images }) => ({
    label,
    pictures: await Promise.all(images.map(async ({ id }) =>
      Object.assign(new Picture(new File([await getBlob(`tasks/${task.id}/images/${id}`)], `${label} ${id}`)), { stored: id, source: { path: `tasks/${task.id}/images/${id}`, image: [task.id, id] } }))),
  })));
  episode.replace({ classes: support, task: { id: task.id, name: task.name } }, episode.hasPictures ? 'The task’s examples took the place of yours.' : undefined);
  return task;
}

/** Which number the server gave to each picture. */
function number(support, classes) {
  const known = new Map(classes.map(one => [one.label, one.images]));
  for (const { label, pictures } of support) pictures.forEach((picture, i) => { picture.stored = known.get(label)?.[i]?.id ?? null; });
}

/** Adds an example to a stored task. */
export async function addToTask(task, label, picture) {
  const form = new FormData();
  form.append(`support[${label}]`, picture.file, picture.name);
  const { classes } = await (await send('PATCH', `tasks/${task.id}`, { body: form })).json();
  picture.stored = Math.max(...classes.find(one => one.label === label).images.map(one => one.id));
}

/** Takes it out again. */
export async function dropFromTask(task, picture) {
  await send('PATCH', `tasks/${task.id}`, { json: { dropImages: [picture.stored] } });
  picture.stored = null;
}
