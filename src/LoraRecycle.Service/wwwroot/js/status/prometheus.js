// Reads what /metrics says.

/** The samples of a page of metrics: name, labels and value of each. */
export function parse(text) {
  return text.split('\n').filter(line => line && !line.startsWith('#')).map(line => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    return { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(match => [match[1], match[2]])), value: Number(value) };
  });
}

/** The sum of a name's samples; null where there are none. */
export function sum(samples, name) {
  const found = samples.filter(sample => sample.name === name);
  return found.length > 0 ? found.reduce((total, sample) => total + sample.value, 0) : null;
}
