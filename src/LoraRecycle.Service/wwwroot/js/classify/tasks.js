// Support sets that the server keeps.
import { getBlob, getJson, send } from '../shared/api.js';
import { sendEpisode } from './ask.js';
import { byId, closeDialog, el, openDialog, sayProblem } from '../shared/dom.js';
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
        stored = (await sendEpisode('tasks', episode, { metaLora, reject, name: byId('task-name').value.trim() }, { queries: false })).task;
        episode.task = stored.id;
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

/** Shows the stored tasks; loads the one that is chosen. Resolves with it, or null. */
export async function openTask(episode) {
  const region = el('div', { role: 'alert' });
  const list = el('ul', { class: 'task-list' }, el('li', {}, 'Loading…'));
  let loaded = null;
  const shown = openDialog('Stored tasks', [list, region, el('div', { class: 'actions end' }, el('button', { type: 'button', onclick: () => closeDialog('') }, 'Close'))]);
  const refresh = async () => {
    const { tasks } = await getJson('tasks?limit=1000');
    list.replaceChildren(...(tasks.length > 0 ? tasks.reverse().map(row) : [el('li', {}, 'No saved tasks yet. “Store as a task…” saves one.')]));
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
  const row = task => el('li', {},
    el('div', { class: 'grow' }, el('strong', {}, task.name ?? `task ${task.id.slice(0, 8)}`),
      el('div', { class: 'hint' }, `${count(task.classes, 'class', 'classes')}, ${count(task.images, 'picture')}, ${bytes(task.bytes)}, ${when(task.created)}`)),
    el('button', { type: 'button', class: 'primary', onclick: guarded(async () => { loaded = await load(episode, task); closeDialog('loaded'); }) }, 'Open'),
    el('button', { type: 'button', class: 'danger', 'aria-label': `Delete ${task.name ?? task.id}`, onclick: guarded(async () => { await send('DELETE', `tasks/${task.id}`); await refresh(); }) }, 'Delete'));
  await guarded(refresh)();
  await shown;
  return loaded;
}

/** Its examples take the place of those that are there; the pictures to classify stay. */
async function load(episode, task) {
  const { classes } = await getJson(`tasks/${task.id}`);
  const support = await Promise.all(classes.map(async ({ label, images }) => ({
    label,
    pictures: await Promise.all(images.map(async ({ id }) => new Picture(new File([await getBlob(`tasks/${task.id}/images/${id}`)], `${label} ${id}`)))),
  })));
  for (const one of [...episode.classes]) episode.removeClass(one);
  for (const { label, pictures } of support) episode.addClass(label, pictures);
  episode.queries.forEach(picture => { picture.answers = []; });
  episode.changed();
  episode.task = task.id;
  return task;
}
