// The form that starts a job: which LoRAs, and how.
import { getJson, postJson } from '../shared/api.js';
import { el, sayProblem } from '../shared/dom.js';
import { classesOf, count, short } from '../shared/format.js';
import { estimate, lastJob } from './estimate.js';

// What is sent where it is not left as it is. Each has an explanation, because the names are the method's.
/** @type {{ name: string, label: string, value: number, help: string, min?: number, max?: number, step?: number, list?: boolean }[]} */
const settings = [
  { name: 'inversion.iterations', label: 'Inversion steps', value: 400, help: 'How long each synthetic picture is drawn: from noise, step by step, until a LoRA recognises its class in it. The paper takes 2000; on a CPU, a few hundred are a good start.' },
  { name: 'inversion.imagesPerClass', label: 'Images per class', value: 10, help: 'How many synthetic pictures are drawn of each class. Each training episode takes one as the example and the queries below from these.' },
  { name: 'distillation.iterations', label: 'Distillation steps', value: 200, help: 'How long the meta-LoRA is trained on the synthetic pictures. More helps until it levels off; the loss curve shows when.' },
  { name: 'distillation.queries', label: 'Queries per class', value: 5, help: 'How many pictures of each class a training episode asks about, besides the one that it shows as the example.' },
  { name: 'distillation.rank', label: 'Rank', value: 8, help: 'How much the meta-LoRA can learn. More takes a larger file, but no more time to answer.' },
  { name: 'distillation.masked', label: 'Masking ratio', value: 0, step: 0.05, max: 0.95, help: 'The share of each picture that training leaves out, from 0 to 0.95. More is faster and less accurate.', list: true },
  { name: 'seed', label: 'Seed', value: 0, min: 0, help: 'Where chance begins: the same seed with the same LoRAs and settings gives the same meta-LoRA.' },
];

export async function jobForm(started) {
  const [{ loras }, { dataSets }] = await Promise.all([getJson('loras?limit=1000'), getJson('data-sets')]);
  const usable = loras.filter(lora => lora.classCount !== null);
  const region = el('div', { role: 'alert' });
  const last = await lastJob();
  const took = el('p', { class: 'estimate', id: 'estimate', role: 'status' });
  const form = el('form', { class: 'recycle-columns', onsubmit: event => { event.preventDefault(); start(form, event.submitter, region, started); } },
    el('div', { class: 'panel' }, picker(usable, loras.length - usable.length)),
    el('div', { class: 'panel' }, el('fieldset', {}, el('legend', {}, '2. How'), el('div', { class: 'settings' },
      field('Name', el('input', { id: 'job-name', maxLength: 64, pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]*', autocomplete: 'off' }), 'The name of the meta-LoRA: letters, digits, - _ and dots. If empty, the server chooses a name.'),
      settings.map(setting),
      field('Evaluate on', dataSetChoice(dataSets), dataSets.length > 0
        ? 'Compares the new and the active meta-LoRA on the same episodes of a data set.'
        : 'The server has no data sets (Jobs:DataSets), so it cannot compare.'),
      field('When it is done', el('select', { id: 'job-activate' }, [['never', 'keep the active one'], ['ifBetter', 'switch if better'], ['always', 'switch']].map(([value, text]) => el('option', { value }, text))), 'Which one answers afterwards. “Switch if better” needs a data set to compare on.'))),
      took, region,
      el('div', { class: 'actions end' }, el('button', { class: 'primary' }, 'Start'))));
  const tell = () => { took.textContent = estimate(request(form), last); };
  form.addEventListener('input', tell);
  form.addEventListener('change', tell);
  form.addEventListener('click', tell);
  tell();
  return form;
}

function picker(loras, headless) {
  const chosen = el('span', { class: 'hint', role: 'status' });
  const list = el('div', { class: 'picker', role: 'group', 'aria-label': 'LoRAs' }, loras.map(lora => el('label', { 'data-name': (lora.name ?? lora.id).toLowerCase() },
    el('input', { type: 'checkbox', name: 'lora', value: lora.id, 'data-classes': lora.classCount, 'aria-label': lora.name ?? lora.id }),
    el('span', {}, lora.name ?? short(lora.id), el('small', { class: 'hint' }, ` ${classesOf(lora)}`)))));
  const tell = () => { chosen.textContent = `${count(list.querySelectorAll('input:checked').length, 'LoRA')} of ${loras.length} chosen`; };
  const check = isChecked => { for (const label of list.children) if (!label.hidden) label.firstChild.checked = isChecked; tell(); };
  list.addEventListener('change', tell);
  tell();
  return el('fieldset', {}, el('legend', {}, '1. Which LoRAs'),
    el('p', { class: 'hint' }, 'Their classes are inverted into synthetic images, from which the meta-LoRA learns. More LoRAs give a better result and take longer.'),
    el('div', { class: 'inline' },
      el('label', { for: 'lora-search' }, 'Search'),
      el('input', { id: 'lora-search', type: 'search', autocomplete: 'off', oninput: event => {
        for (const label of list.children) label.hidden = !label.dataset.name.includes(event.target.value.toLowerCase());
      } }),
      el('button', { type: 'button', onclick: () => check(true) }, 'Choose all shown'),
      el('button', { type: 'button', onclick: () => check(false) }, 'None')),
    loras.length > 0 ? list : el('p', { class: 'empty' }, 'No LoRA in the market has a head.'), chosen,
    headless > 0 ? el('p', { class: 'hint' }, `${count(headless, 'LoRA has', 'LoRAs have')} no head and cannot be inverted.`) : null);
}

const dataSetChoice = dataSets => el('select', { id: 'job-data' },
  el('option', { value: '' }, 'none (no comparison)'), dataSets.map(({ name }) => el('option', { value: name }, name)));

const field = (label, input, help) => {
  input.setAttribute('aria-describedby', `${input.id}-help`);
  return el('div', { class: 'field' }, el('label', { for: input.id }, label), input, el('p', { class: 'hint', id: `${input.id}-help` }, help));
};

const setting = ({ name, label, value, help, min = 0, max, step = 1 }) =>
  field(label, el('input', { id: `set-${name.replace('.', '-')}`, type: 'number', value, min, max, step, required: true }), help);

const chosenIn = form => [...form.querySelectorAll('input[name=lora]:checked')];

/** @returns {any} */
function request(form) {
  /** @type {any} */
  const body = { loras: chosenIn(form).map(input => input.value), activate: form.querySelector('#job-activate').value };
  for (const { name, list } of settings) {
    const number = Number(form.querySelector(`#set-${name.replace('.', '-')}`).value);
    const [group, member] = name.split('.');
    if (member) (body[group] ??= {})[member] = list ? [number] : number;
    else body[group] = number;
  }
  // Losses from the first steps on: somebody who watches wants to see that it begins.
  body.inversion.reportEvery = body.distillation.reportEvery = 5;
  // Episodes that mix LoRAs have as many classes as there are, and 20 at most.
  body.distillation.interpolationWays = Math.max(2, Math.min(20, chosenIn(form).reduce((sum, input) => sum + Number(input.dataset.classes), 0)));
  const [name, dataSet] = ['#job-name', '#job-data'].map(id => form.querySelector(id).value.trim());
  if (name) body.name = name;
  if (dataSet) body.validation = { dataSet };
  return body;
}

/** The field that a problem is about, if the form has it. */
function fieldOf(form, problem) {
  const name = problem.field ?? '';
  const ids = { name: 'job-name', activate: 'job-activate', seed: 'set-seed', loras: 'lora-search' };
  const [first] = name.split(/[.[]/);
  return form.querySelector(`#set-${CSS.escape(name.replace('.', '-').replace(/\[.*$/, ''))}`) ?? form.querySelector(`#${first === 'validation' ? 'job-data' : ids[first] ?? 'none'}`);
}

/** Marks the field, says beside it what is wrong, and goes there. */
function mark(form, problem) {
  const input = fieldOf(form, problem);
  if (!input) return;
  const said = el('p', { class: 'refusals', id: `${input.id}-wrong` }, problem.detail || problem.title);
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', `${said.id} ${input.id}-help`);
  input.after(said);
  input.focus();
  input.addEventListener('input', () => unmark(form), { once: true });
}

function unmark(form) {
  form.querySelectorAll('.field .refusals, .inline .refusals').forEach(one => one.remove());
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid');
    if (form.querySelector(`#${input.id}-help`)) input.setAttribute('aria-describedby', `${input.id}-help`);
    else input.removeAttribute('aria-describedby');
  }
}

async function start(form, button, region, started) {
  const body = request(form);
  region.replaceChildren();
  unmark(form);
  if (body.loras.length === 0) {
    mark(form, { field: 'loras', detail: 'Choose at least one LoRA.' });
    return;
  }
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  try {
    started(await postJson('recycle', body));
  } catch (problem) {
    sayProblem(region, problem);
    mark(form, problem);
  } finally {
    button.removeAttribute('aria-busy');
  }
}
