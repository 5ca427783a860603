// Every call to the server: the key, problems as exceptions, and whether the server is there at all.
import { askForKey, storedKey } from './key.js';

const base = new URL('.', document.baseURI);

export const urlOf = path => new URL(path.replace(/^\//, ''), base);

/** What went wrong, as RFC 9457 has it; status 0 when nothing answered. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.title ?? `The server answered ${status}.`);
    Object.assign(this, { status, code: body.code ?? '', title: this.message, detail: body.detail ?? '', field: body.field ?? '', requestId: body.requestId ?? '' });
  }
}

/** The last problems that this page met, the latest first. */
export const lastProblems = [];

const listeners = new Set();

/** Calls back with true or false when the server goes or comes back. */
export const onConnection = listener => listeners.add(listener);

const tellConnection = isThere => listeners.forEach(listener => listener(isThere));

export function remember(problem, method, path) {
  lastProblems.unshift({ problem, method, path, time: new Date() });
  lastProblems.length = Math.min(lastProblems.length, 20);
  return problem;
}

export const serverGone = () => new Problem(0, {
  code: 'no-answer', title: 'The server does not answer.', detail: 'The server may have been stopped, or the network is down. Start the server with ./run, then try again.',
});

/** Headers that let a request in. */
export const keyHeaders = () => (storedKey() ? { 'X-Api-Key': storedKey() } : {});

/**
 * Sends a request; asks for a key where the server does, and throws a Problem for everything but success.
 * @param {string} method
 * @param {string} path
 * @param {{ body?: any, json?: any, headers?: object, signal?: AbortSignal }} [options]
 */
export async function send(method, path, { body, json, headers = {}, signal } = {}) {
  for (;;) {
    const key = storedKey();
    let response;
    try {
      response = await fetch(urlOf(path), {
        method, signal,
        body: json === undefined ? body : JSON.stringify(json),
        headers: { ...keyHeaders(), ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      tellConnection(false);
      throw remember(serverGone(), method, path);
    }
    tellConnection(true);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (response.status === 401 && await askForKey(problem, key)) continue;
    throw remember(problem, method, path);
  }
}

export async function problemOf(response) {
  try {
    return new Problem(response.status, await response.json());
  } catch {
    return new Problem(response.status);
  }
}

export const getJson = async (path, options) => (await send('GET', path, options)).json();

export const getText = async path => (await send('GET', path)).text();

export const getBlob = async (path, options) => (await send('GET', path, options)).blob();

export const postJson = async (path, json) => (await send('POST', path, { json })).json();

export const postForm = async (path, body, options) => (await send('POST', path, { body, ...options })).json();
