// The embeddings on a plane: examples, prototypes and queries. Each point is a button that shows its picture.
import { colourOf } from '../shared/colours.js';
import { byId, el, svg } from '../shared/dom.js';
import { percent } from '../shared/format.js';
import { image } from '../shared/picture.js';
import { mean, project } from './projection.js';

const margin = 26;
const reach = 14; // pixels within which points are in each other's way
let laidOut = 0; // the width that it was drawn for
let drawn = null; // what is on the map, to draw it again at another width

/** Draws one run: an answer with embeddings, and the pictures that it is of. */
export function drawMap(run) {
  drawn = pointsOf(run);
  byId('map-hint').textContent = `The first two principal components (PCA) of the embeddings, which explain ${percent(drawn.share)} of the variance. Click a point to see its picture; arrow keys move between points.`;
  byId('map-detail').replaceChildren(el('p', { class: 'hint' }, 'Click a point to see its picture.'));
  layOut();
}

export function clearMap() {
  drawn = null;
  byId('map').replaceChildren();
}

function pointsOf({ answer, queries, support }) {
  const { embeddings, predictions } = answer;
  const order = new Map(embeddings.support.map((one, index) => [one.label, index]));
  const pictures = new Map();
  for (const one of support) pictures.set(one.label, [...(pictures.get(one.label) ?? []), ...one.pictures]);
  const examples = embeddings.support.flatMap((one, index) => one.images.map((vector, i) => ({
    kind: 'example', vector, colour: index, pictures: [pictures.get(one.label)[i]], name: `${one.label}, example ${i + 1}`, text: `Example ${i + 1} of ${one.label}.`,
  })));
  const asked = embeddings.queries.map((vector, i) => {
    const { label, probability } = predictions[i];
    const said = label === null ? 'none of the classes' : `${label}, ${percent(probability)}`;
    return { kind: 'query', vector, colour: label === null ? null : order.get(label), pictures: [queries[i]], name: `query ${i + 1}: ${said}`, text: `To be classified: ${said}.` };
  });
  const prototypes = embeddings.support.map((one, index) => ({
    kind: 'prototype', vector: mean(one.images), colour: index, pictures: pictures.get(one.label), name: `prototype of ${one.label}`, label: one.label,
    text: `The prototype of ${one.label}: the mean of its ${one.images.length === 1 ? 'one example' : `${one.images.length} examples`}.`,
  }));
  const all = [...examples, ...asked, ...prototypes];
  // Prototypes are means of what is there, and must not draw the directions towards themselves.
  const { points, share } = project([...examples, ...asked].map(point => point.vector), prototypes.map(point => point.vector));
  all.forEach((point, i) => { [point.x, point.y] = points[i]; });
  return { points: all, share };
}

function layOut() {
  if (!drawn) return;
  const holder = byId('map');
  const width = Math.max(280, Math.floor(holder.clientWidth));
  laidOut = holder.clientWidth;
  const height = Math.round(Math.min(480, Math.max(300, width * 0.6)));
  const [x, y] = [scale(drawn.points.map(point => point.x), width), scale(drawn.points.map(point => -point.y), height)];
  const placed = drawn.points.map(point => ({ point, x: x(point.x), y: y(-point.y) }));
  const buttons = placed.map(place => { place.element = button(place, placed); return place.element; });
  const walk = event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach(other => other.setAttribute('tabindex', other === next ? 0 : -1));
    next.focus();
  };
  buttons[0]?.setAttribute('tabindex', 0);
  const map = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Map of the embeddings', onkeydown: walk }, buttons);
  holder.replaceChildren(
    map,
    el('div', { class: 'legend' }, ['example', 'prototype', 'query'].map(kind =>
      el('span', {}, svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, shape(kind, 8, 8, 'var(--muted)')), { example: 'example', query: 'to be classified, in the colour of its answer', prototype: 'prototype' }[kind]))));
  if (laidOut > 0) label(map, placed, width, height); // what is not shown has no size; it is laid out again when it is
}

function scale(values, size) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return value => (most === least ? size / 2 : margin + ((value - least) / (most - least)) * (size - 2 * margin));
}

function button(place, placed) {
  const { point, x, y } = place;
  const colour = point.colour === null ? 'var(--muted)' : colourOf(point.colour);
  return svg('g', {
    class: `point of-${point.kind}`, role: 'button', tabindex: -1, 'aria-label': point.name,
    onclick: () => {
      // The uppermost takes every click: another one at the same spot means the one below.
      const near = around(place, placed);
      const at = near.findIndex(other => other.element.classList.contains('chosen'));
      choose(near[at < 0 ? near.indexOf(place) : (at + 1) % near.length], placed);
    },
    onkeydown: event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(place, placed); } },
  }, svg('circle', { class: 'halo', cx: x, cy: y, r: 12 }), shape(point.kind, x, y, colour), svg('title', {}, point.name));
}

const around = (place, placed) => placed.filter(other => Math.hypot(other.x - place.x, other.y - place.y) <= reach);

function choose(place, placed, near = around(place, placed)) {
  for (const other of placed) other.element.classList.toggle('chosen', other === place);
  detail(place.point);
  if (near.length > 1) byId('map-detail').append(neighbours(place, placed, near));
}

/** What else lies there, each to be chosen. */
function neighbours(place, placed, near) {
  return el('div', { class: 'stack' },
    el('p', { class: 'hint', id: 'map-near' }, `${near.length} points are here. Click again for the next one, or choose:`),
    el('ul', { class: 'near', 'aria-labelledby': 'map-near' }, near.map((other, i) => el('li', {}, el('button', {
      type: 'button', class: 'show', 'aria-label': other.point.name, title: other.point.name, 'aria-pressed': String(other === place),
      onclick: () => { choose(other, placed, near); byId('map-detail').querySelectorAll('.near button')[i].focus(); },
    }, other.point.kind === 'prototype' ? el('span', { 'aria-hidden': 'true' }, '◆') : image(other.point.pictures[0], ''))))));
}

function shape(kind, x, y, colour) {
  const edge = { stroke: 'var(--surface)', 'stroke-width': 1.2, fill: colour };
  if (kind === 'example') return svg('circle', { cx: x, cy: y, r: 5, ...edge });
  if (kind === 'query') return svg('path', { d: `M${x} ${y - 6}l5.6 10h-11.2z`, fill: 'var(--surface)', stroke: colour, 'stroke-width': 2.2 });
  return svg('path', { d: `M${x} ${y - 8}l8 8l-8 8l-8-8z`, ...edge, stroke: 'var(--text)' });
}

/** The classes' names beside their prototypes: where there is room for them, to the right, the left, above or below; else not at all. */
function label(map, placed, width, height) {
  const prototypes = placed.filter(({ point }) => point.kind === 'prototype');
  const taken = prototypes.map(({ x, y }) => ({ left: x - 9, right: x + 9, top: y - 9, bottom: y + 9 }));
  for (const { point, x, y } of prototypes) {
    const text = svg('text', { 'aria-hidden': 'true' }, point.label.length > 18 ? `${point.label.slice(0, 17)}…` : point.label);
    map.append(text);
    const box = text.getBBox(); // as this browser's font draws it, its baseline at 0
    const place = [[x + 12, y + 4], [x - 12 - box.width, y + 4], [x - box.width / 2, y - 13], [x - box.width / 2, y + 22]]
      .map(([left, baseline]) => ({ left, baseline, right: left + box.width, top: baseline + box.y, bottom: baseline + box.y + box.height }))
      .find(one => one.left >= 2 && one.right <= width - 2 && one.top >= 0 && one.bottom <= height
        && !taken.some(other => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom));
    if (place) {
      text.setAttribute('x', String(place.left));
      text.setAttribute('y', String(place.baseline));
      taken.push(place);
    } else text.remove();
  }
}

function detail(point) {
  const pictures = point.pictures.filter(Boolean);
  byId('map-detail').replaceChildren(
    ...(point.kind === 'prototype'
      ? [el('div', { class: 'members' }, pictures.slice(0, 12).map((picture, i) => image(picture, `${point.label}, example ${i + 1}`, '')))]
      : pictures.map(picture => image(picture, point.name, ''))),
    el('figcaption', {}, point.text, point.kind !== 'prototype' && pictures[0] ? el('span', { class: 'hint' }, ` ${pictures[0].name}`) : null));
}

new ResizeObserver(() => { if (drawn && byId('map').clientWidth > 0 && byId('map').clientWidth !== laidOut) layOut(); }).observe(byId('map-panel'));
