// Numbers as people read them.

export function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${value === 100 || value === 0 ? value : value.toFixed(1)} %`;
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  for (const [unit, size] of /** @type {[string, number][]} */ ([['GB', 2 ** 30], ['MB', 2 ** 20], ['KB', 2 ** 10]])) {
    if (count >= size) return `${(count / size).toFixed(count >= 10 * size ? 0 : 1)} ${unit}`;
  }
}

export function milliseconds(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function duration(seconds) {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

export const when = text => new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const short = id => (id.length > 16 ? `${id.slice(0, 12)}…` : id);

const mostNames = 12;

/** The classes that a LoRA's head tells apart: their names, not all of them where they are many, or how many. */
export function classesOf({ classes, classCount }) {
  if (classes.length === 0) return count(classCount, 'class', 'classes');
  return classes.length > mostNames ? `${classes.slice(0, mostNames).join(', ')} and ${classes.length - mostNames} more` : classes.join(', ');
}
