// Answers that follow what they are of: whatever changes is answered again, and what was asked before is given up.
import { ask } from './ask.js';
import { nameOf } from './answers.js';

const pause = 250; // milliseconds without a change before it is asked again

export class Answering extends EventTarget {
  /** @type {{ answer: any, queries: any[], support: any[] }[]} one for each adapter */
  runs = [];
  isLive = false; // whether somebody asked, and wants it answered from then on
  isAsking = false;
  #episode;
  #settings;
  #answered = ''; // what the runs are the answers to
  #asking = null;
  #timer = 0;

  /** @param episode what is asked. @param {() => { metaLora: string, reject: string, compare: boolean }} settings */
  constructor(episode, settings) {
    super();
    this.#episode = episode;
    this.#settings = settings;
  }

  /** Whether the runs are the answers to what there is now. */
  get isCurrent() {
    return this.runs.length > 0 && this.#answered === this.#question();
  }

  #question() {
    const { metaLora, reject, compare } = this.#settings();
    const ids = pictures => pictures.map(picture => picture.id).sort((a, b) => a - b); // their order makes no difference
    return JSON.stringify([metaLora, reject, compare, this.#episode.support.map(one => [one.label, ids(one.pictures)]), ids(this.#episode.open)]);
  }

  /** Something changed. */
  follow() {
    clearTimeout(this.#timer);
    if (!this.isLive) return;
    if (this.isCurrent && !this.isAsking) return;
    if (this.#episode.missing) {
      this.stop();
      return this.#tell('impossible');
    }
    this.#asking?.abort();
    this.isAsking = true;
    this.#tell('asking');
    this.#timer = setTimeout(() => this.classify(), pause);
  }

  /** Asks now. Tells of answers, or of the problem. */
  async classify() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const { signal } = this.#asking = new AbortController();
    const { metaLora, reject, compare } = this.#settings();
    this.isLive = this.isAsking = true;
    this.#tell('asking');
    try {
      const runs = await ask(this.#episode, compare && metaLora !== 'none' ? [metaLora, 'none'] : [metaLora], reject, signal);
      if (signal.aborted) return;
      // Two adapters that are the same one, because none is active, answer once.
      if (runs.length === 2 && runs[0].answer.model.metaLora === 'none') runs.pop();
      this.isAsking = false;
      this.take(runs);
    } catch (problem) {
      if (signal.aborted || problem.name === 'AbortError') return;
      this.#drop();
      this.isAsking = false;
      this.#tell('failed', problem);
    }
  }

  /** Shows runs: those that came, or those that were kept. */
  take(runs) {
    this.#drop();
    this.runs = runs;
    this.isLive = true;
    this.#answered = this.#question();
    for (const { answer, queries } of runs) {
      const name = runs.length > 1 ? nameOf(answer) : '';
      answer.predictions.forEach((prediction, i) => queries[i].answers.push({ prediction, name, threshold: answer.reject?.threshold ?? null }));
    }
    this.#tell('answered');
  }

  /** What is known of the pictures changed, and not what was answered. */
  again() {
    if (this.runs.length > 0) this.#tell('answered');
  }

  /** Nothing is asked any more, and nothing is answered. */
  stop() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.isAsking = false;
    this.#drop();
  }

  #drop() {
    for (const picture of this.#episode.queries) picture.answers = [];
    for (const { queries } of this.runs) for (const picture of queries) picture.answers = [];
    this.runs = [];
    this.#answered = '';
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
