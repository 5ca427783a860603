// Loss curves.
import { colourOf } from '../shared/colours.js';
import { el, svg } from '../shared/dom.js';

const [width, height, left, bottom, most] = [520, 200, 58, 22, 300];

/** A chart of lines: `lines` have a name and points [iteration, loss]. */
export function lossChart(title, hint, lines) {
  const all = lines.flatMap(line => line.points);
  const [least, top] = range(all.map(point => point[1]));
  const last = Math.max(1, ...all.map(point => point[0]));
  const x = iteration => left + (iteration / last) * (width - left - 8);
  const y = loss => 10 + (1 - (loss - least) / (top - least)) * (height - 10 - bottom);
  const said = `${title}: ${lines.map(line => `${line.name} from ${line.points[0][1].toPrecision(3)} to ${line.points.at(-1)[1].toPrecision(3)}`).join('; ')}`;
  return el('div', {}, el('h3', {}, title, hint ? el('span', { class: 'hint' }, ` ${hint}`) : null),
    svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': said },
      [0, 0.5, 1].map(share => {
        const value = least + share * (top - least);
        return [svg('line', { class: 'axis', x1: left, x2: width - 8, y1: y(value), y2: y(value) }), svg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, value.toPrecision(3))];
      }),
      svg('text', { x: left, y: height - 6 }, '0'), svg('text', { x: width - 8, y: height - 6, 'text-anchor': 'end' }, `step ${last.toLocaleString('en')}`),
      lines.map((line, i) => svg('path', { stroke: colourOf(i), d: thinned(line.points).map(([iteration, loss], at) => `${at === 0 ? 'M' : 'L'}${x(iteration).toFixed(1)} ${y(loss).toFixed(1)}`).join('') })),
      lines.map((line, i) => svg('circle', { cx: x(line.points.at(-1)[0]), cy: y(line.points.at(-1)[1]), r: 3, fill: colourOf(i) }))));
}

function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most - least < 1e-9 ? [0.9 * least, 1.1 * most + 1e-9] : [least, most];
}

function thinned(points) {
  const step = Math.ceil(points.length / most);
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}
