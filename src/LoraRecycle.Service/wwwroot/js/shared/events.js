// Server-sent events by fetch, because a browser's EventSource cannot send a key.
import { send } from './api.js';

const waits = [500, 1000, 2000, 5000];

/** Calls back with each event of the job at a path, from the first to the last, over broken connections. Ends after the final one, or when it is aborted. */
export async function follow(path, onEvent, signal) {
  let last = 0;
  for (let failures = 0; !signal.aborted;) {
    try {
      const response = await send('GET', `${path}/events`, { signal, headers: last > 0 ? { 'Last-Event-ID': String(last) } : {} });
      if (response.status === 204) return;
      for await (const event of parse(response.body)) {
        failures = 0;
        last = event.id;
        onEvent(event);
        if (event.type === 'state' && event.data.final) return;
      }
    } catch (problem) {
      if (signal.aborted || (problem.status >= 400 && problem.status < 500)) return;
    }
    await new Promise(resolve => setTimeout(resolve, waits[Math.min(failures++, waits.length - 1)]));
  }
}

async function* parse(stream) {
  let text = '';
  for await (const part of read(stream)) {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').filter(line => line && !line.startsWith(':')).map(line => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }));
      if (fields.data) yield { id: Number(fields.id), type: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

async function* read(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
