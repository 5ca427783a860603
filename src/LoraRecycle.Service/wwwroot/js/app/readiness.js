// Whether pictures can be answered yet: the page is there before the model is loaded.
import { byId } from '../shared/dom.js';
import { urlOf } from '../shared/api.js';

const wait = 500;

/** Says what the server waits for, until it is ready. */
export async function untilReady() {
  const banner = byId('readiness');
  for (;;) {
    // First, too: asking makes a server that has just started load the model, which what the page fetches would wait for.
    await new Promise(resolve => setTimeout(resolve, wait));
    const answer = await fetch(urlOf('healthz/ready')).then(async response => ({ isReady: response.ok, ...await response.json() })).catch(() => null);
    if (answer?.isReady) break;
    // Without an answer the server is gone, and that is said elsewhere.
    banner.hidden = answer === null;
    if (answer) banner.textContent = `${answer.checks?.model ?? 'The server is not ready.'} You can add pictures now; the server answers when it is ready.`;
  }
  banner.hidden = true;
}
