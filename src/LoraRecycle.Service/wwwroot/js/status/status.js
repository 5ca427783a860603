// The section that says how the server is.
import { getJson, getText, lastProblems, urlOf } from '../shared/api.js';
import { byId, el } from '../shared/dom.js';
import { bytes, milliseconds, short, when } from '../shared/format.js';
import { parse, sum } from './prometheus.js';

const every = 3000;
let timer = 0;
let isShown = false;

export function show() {
  isShown = true;
  clearTimeout(timer);
  refresh();
}

export function hide() {
  isShown = false;
  clearTimeout(timer);
}

/** What cannot be had is told in its place; the rest is shown. */
const attempt = promise => promise.then(value => ({ value }), problem => ({ problem }));

async function refresh() {
  // One after the other, so that a server with keys asks for one once.
  const models = await attempt(getJson('models'));
  const [health, metaLoras, metrics, errors] = await Promise.all([
    attempt(fetch(urlOf('healthz/ready')).then(response => response.json())), attempt(getJson('meta-loras')), attempt(getText('metrics')), attempt(getJson('errors')),
  ]);
  if (!isShown) return;
  const samples = metrics.value ? parse(metrics.value) : null;
  byId('status-body').replaceChildren(
    card('Server', health, drawHealth), card('Model', models, drawModel), card('Meta-LoRAs', metaLoras, drawMetaLoras),
    card('Queue and cache', metrics, () => drawQueue(samples)), card('Answers', metrics, () => drawAnswers(samples)),
    card('Last errors of the server', errors, drawServerErrors), drawErrors());
  byId('status-lead').textContent = `Updated ${new Date().toLocaleTimeString()}; refreshes every ${every / 1000} s.`;
  timer = setTimeout(refresh, every);
}

const card = (title, { value, problem }, draw) => el('section', { class: 'panel', 'aria-label': title }, el('h2', {}, title),
  problem ? el('p', { class: 'message bad' }, `${problem.title ?? 'The server does not answer.'} ${problem.detail ?? ''}`) : draw(value));

const facts = pairs => el('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [el('dt', {}, name), el('dd', { class: 'number' }, value)]));

const good = { Healthy: 'good', ready: 'good', Degraded: 'warn', loading: 'warn', failing: 'bad', hanging: 'bad', lost: 'bad', Unhealthy: 'bad', failed: 'bad', unusable: 'bad' };
const chip = state => el('span', { class: `chip ${good[state] ?? ''}` }, state);

const drawHealth = ({ status, checks }) => facts([['State', chip(status)], ...Object.entries(checks)]);

function drawModel({ models }) {
  const model = models.find(one => one.default) ?? models[0];
  return el('div', { class: 'stack' }, facts([
    ['Serves', model.id], ['State', chip(model.status)], ['Embedding', model.embeddingLength && `${model.embeddingLength} values`],
    ['Revision', model.revision && el('code', { title: model.revision }, short(model.revision))],
    ...model.devices.map(device => [`Device ${device.name}`, chip(device.status)]),
    ['Also on disk', models.filter(one => !one.default).map(one => one.id).join(', ') || null],
  ]));
}

const drawMetaLoras = ({ active, metaLoras }) => facts([
  ['Active', active === 'none' ? 'none (the bare model)' : active],
  ...metaLoras.map(one => [one.id, one.status === 'ready' ? `${one.family}, rank ${one.rank}, ${bytes(one.bytes)}${one.loaded ? ', loaded' : ''}` : el('span', { title: one.problem }, chip('unusable'), ` ${one.problem}`)]),
]);

function drawQueue(samples) {
  const [hits, misses, images, batches, seconds] = ['cache_hits_total', 'cache_misses_total', 'batch_images_sum', 'batch_images_count', 'batch_duration_seconds_sum'].map(name => sum(samples, `lora_recycle_${name}`) ?? 0);
  return facts([
    ['Waiting pictures', sum(samples, 'lora_recycle_queue_images')], ['Cached embeddings', bytes(sum(samples, 'lora_recycle_cache_size_bytes') ?? 0)],
    ['Cache hits', hits + misses > 0 ? `${hits} of ${hits + misses}` : 'no requests yet'],
    ['Pictures embedded', images], ['Average forward pass', batches > 0 ? `${milliseconds((1000 * seconds) / batches)}, ${(images / batches).toFixed(1)} pictures` : null],
    ['Stored tasks', sum(samples, 'lora_recycle_tasks_stored')],
    ['Active jobs', samples.filter(one => one.name === 'lora_recycle_jobs' && ['queued', 'running', 'cancelling'].includes(one.labels.state)).reduce((total, one) => total + one.value, 0)],
    ['Memory', bytes(sum(samples, 'dotnet_process_memory_working_set_bytes') ?? 0)],
  ]);
}

/** How often each answer was given, the errors first. */
function drawAnswers(samples) {
  const counts = samples.filter(one => one.name === 'http_server_request_duration_seconds_count' && !/^\/page\//.test(one.labels.http_route ?? ''))
    .map(one => ({ status: one.labels.http_response_status_code, route: `${one.labels.http_request_method} ${one.labels.http_route?.replace(/(.)\/$/, '$1') ?? 'elsewhere'}`, value: one.value }))
    .sort((a, b) => Number(b.status >= '400') - Number(a.status >= '400') || b.value - a.value).slice(0, 12);
  return counts.length === 0 ? el('p', { class: 'empty' }, 'None yet.') : el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Answers by status' }, el('table', {},
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Status'), el('th', { scope: 'col' }, 'Request'), el('th', { scope: 'col', class: 'number' }, 'Times'))),
    el('tbody', {}, counts.map(one => el('tr', {}, el('td', {}, el('span', { class: `chip ${one.status >= '500' ? 'bad' : one.status >= '400' ? 'warn' : 'good'}` }, one.status)), el('td', {}, el('code', {}, one.route)), el('td', { class: 'number' }, one.value))))));
}

const drawServerErrors = ({ since, errors }) => (errors.length === 0 ? el('p', { class: 'empty' }, `None since ${when(since)}.`) : el('ul', { class: 'stack errors', tabIndex: 0, 'aria-label': 'Errors of the server' }, errors.map(error => el('li', { class: 'message bad' },
  el('strong', {}, error.message), [error.request, error.exception].filter(Boolean).join(', '),
  el('small', {}, `${when(error.time)}${error.times > 1 ? `, ${error.times} times in a row` : ''}${error.requestId ? `, request ${error.requestId}` : ''}`)))));

const drawErrors = () => el('section', { class: 'panel', 'aria-label': 'Last errors' }, el('h2', {}, 'Last errors of this page'),
  lastProblems.length === 0 ? el('p', { class: 'empty' }, 'None.') : el('ul', { class: 'stack' }, lastProblems.slice(0, 8).map(({ problem, method, path, time }) => el('li', { class: 'message bad' },
    el('strong', {}, problem.title), problem.detail, el('small', {}, `${time.toLocaleTimeString()}, ${method} /${path.replace(/^\//, '').split('?')[0]}${problem.requestId ? `, request ${problem.requestId}` : ''}`)))));
