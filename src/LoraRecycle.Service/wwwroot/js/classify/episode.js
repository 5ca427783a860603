// What is to be classified: classes with their pictures, and queries; and what they were before, to go back to.
import { Picture } from '../shared/picture.js';
import { refuseUnusable } from './recognise.js';

let next = 1;
const mostSteps = 50;
const emptyClasses = 2;

const newClass = (label = '', pictures = []) => ({ id: next++, label, pictures });

/** Where somebody begins: cards to fill in. */
const emptyCards = () => Array.from({ length: emptyClasses }, () => newClass());

const isBlank = one => one.label.trim() === '' && one.pictures.length === 0;

export class Episode extends EventTarget {
  classes = emptyCards();
  queries = [];
  /** @type {{ id: string, name: string | null } | null} the stored task that the examples are, as long as they are not changed */
  task = null;
  /** @type {{ said: string | null, is: string }[]} what was answered wrongly and corrected */
  corrections = [];
  #past = [];
  #present = this.#state();

  /**
   * Something changed: the examples, or the queries alone. A step has `what` was done, where that takes something away, and `also`:
   * what else undoes it, elsewhere than on this page.
   * @param {boolean} [examples]
   * @param {{ what?: string, also?: () => void, keepsTask?: boolean }} [step]
   */
  changed(examples = true, step = {}) {
    if (examples && !step.keepsTask) this.task = null;
    this.#past.push({ ...step, state: this.#present });
    if (this.#past.length > mostSteps) this.#past.shift();
    this.#tell({ examples, what: step.what });
  }

  #tell(detail) {
    this.#present = this.#state();
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }

  #state() {
    return { classes: this.classes.map(one => ({ one, label: one.label, pictures: [...one.pictures] })), queries: [...this.queries], task: this.task, corrections: [...this.corrections] };
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  /** Goes back by one step. */
  undo() {
    const step = this.#past.pop();
    if (!step) return;
    const { classes, queries, task, corrections } = step.state;
    this.classes = classes.map(({ one, label, pictures }) => Object.assign(one, { label, pictures: [...pictures] }));
    Object.assign(this, { queries: [...queries], task, corrections: [...corrections] });
    this.#tell({ examples: true });
    step.also?.();
  }

  /** What there is becomes something else, in one step. */
  replace({ classes, queries = this.queries, task = null, corrections = [] }, what) {
    this.#take({ classes, queries, task, corrections });
    this.changed(true, { what, keepsTask: true });
  }

  /** What was kept: there is nothing before it to go back to. */
  restore(content) {
    this.#take(content);
    this.#past = [];
    this.#tell({ examples: true });
  }

  #take({ classes, queries, task, corrections }) {
    Object.assign(this, { classes: classes.map(({ label, pictures }) => newClass(label, pictures)), queries, task, corrections });
    if (this.classes.length === 0) this.classes = emptyCards();
  }

  /** The examples are not what the task has any more. */
  leaveTask() {
    this.task = null;
    this.#tell({ examples: false });
  }

  get isEmpty() {
    return this.queries.length === 0 && this.classes.every(isBlank);
  }

  /** Pictures of classes or to classify: what would be missed. */
  get hasPictures() {
    return this.queries.length > 0 || this.classes.some(one => one.pictures.length > 0);
  }

  addClass(label, pictures = []) {
    const name = label.trim();
    const known = this.classes.find(one => one.label.trim() === name && name !== '') ?? this.classes.find(isBlank);
    if (known) {
      known.label = name;
      known.pictures.push(...pictures);
    } else this.classes.push(newClass(name, pictures));
    this.changed();
    return known ?? this.classes.at(-1);
  }

  rename(one, label) {
    one.label = label;
    this.changed();
  }

  /** A name that no class has. */
  freeName() {
    for (let i = this.classes.filter(one => !isBlank(one)).length + 1; ; i++) {
      if (!this.classes.some(one => one.label === `class ${i}`)) return `class ${i}`;
    }
  }

  removeClass(one) {
    one.pictures.forEach(picture => picture.forget());
    this.classes = this.classes.filter(other => other !== one);
    this.changed(true, { what: `The class ${one.label ? `“${one.label}”` : 'without a name'} was removed${one.pictures.length > 0 ? ' with its pictures' : ''}.` });
  }

  /** Adds files to a class, or to the queries where it is null. */
  addFiles(one, files) {
    const added = files.map(file => new Picture(file));
    (one?.pictures ?? this.queries).push(...added);
    this.changed(one !== null);
    refuseUnusable(added).then(refused => { if (refused > 0) this.#tell({ examples: one !== null }); });
  }

  /** The list that a picture is in, and the class of that list, null for the queries. */
  placeOf(picture) {
    const one = this.classes.find(other => other.pictures.includes(picture)) ?? null;
    return { one, list: one?.pictures ?? this.queries };
  }

  remove(picture) {
    const { one, list } = this.placeOf(picture);
    list.splice(list.indexOf(picture), 1);
    picture.forget();
    this.changed(one !== null, { what: `“${picture.name}” was removed.` });
  }

  /** Moves a picture into a class (null for the queries), before another picture or to the end. */
  move(picture, target, before = null, step = {}) {
    const { list } = this.placeOf(picture);
    list.splice(list.indexOf(picture), 1);
    const into = target?.pictures ?? this.queries;
    into.splice(before ? into.indexOf(before) : into.length, 0, picture);
    if (list !== into) {
      picture.refused = null;
      picture.answers = [];
    }
    this.changed(true, step);
  }

  /** A query turns out to be of a class: it becomes an example of it. */
  correct(picture, target, said, step = {}) {
    this.corrections.push({ said, is: target.label.trim() });
    this.move(picture, target, null, { what: `“${picture.name}” is now an example of ${target.label}.`, ...step });
  }

  clear() {
    for (const picture of [...this.classes.flatMap(one => one.pictures), ...this.queries]) picture.forget();
    this.replace({ classes: [], queries: [] }, 'Everything was cleared.');
  }

  /** The classes that take part: those with pictures that were not refused. */
  get support() {
    return this.classes
      .map(one => ({ label: one.label.trim(), pictures: one.pictures.filter(picture => !picture.refused) }))
      .filter(one => one.pictures.length > 0);
  }

  get open() {
    return this.queries.filter(picture => !picture.refused);
  }

  /** What is missing before anything can be asked; null when nothing is. */
  get missing() {
    if (this.support.some(one => one.label === '')) return 'A class has no name.';
    if (new Set(this.support.map(one => one.label)).size < 2) return 'Give at least two classes with a picture each.';
    return this.open.length === 0 ? 'Give at least one picture to classify.' : null;
  }

  /** The form that the server takes, and which picture each of its fields is. */
  form({ queries = true } = {}) {
    const form = new FormData();
    const fields = new Map();
    const counts = new Map();
    const add = (name, picture) => {
      const number = counts.get(name) ?? 0;
      counts.set(name, number + 1);
      fields.set(`${name}[${number}]`, picture);
      form.append(name, picture.file, picture.name);
    };
    for (const one of this.support) for (const picture of one.pictures) add(`support[${one.label}]`, picture);
    if (queries) for (const picture of this.open) add('query', picture);
    return { form, fields };
  }
}
