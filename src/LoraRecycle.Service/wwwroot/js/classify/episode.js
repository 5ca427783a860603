// What is to be classified: classes with their pictures, and queries.
import { Picture } from '../shared/picture.js';

let next = 1;

export class Episode extends EventTarget {
  classes = [];
  queries = [];
  task = null; // the stored task that the examples are, as long as they are not changed

  /** Something changed. What it is decides what is drawn again. */
  changed(examples = true) {
    if (examples) this.task = null;
    this.dispatchEvent(new CustomEvent('change', { detail: { examples } }));
  }

  addClass(label, pictures = []) {
    const name = label.trim();
    const known = this.classes.find(one => one.label.trim() === name);
    if (known) known.pictures.push(...pictures);
    else this.classes.push({ id: next++, label: name, pictures });
    this.changed();
    return known ?? this.classes.at(-1);
  }

  /** A name that no class has. */
  freeName() {
    for (let i = this.classes.length + 1; ; i++) {
      if (!this.classes.some(one => one.label === `class ${i}`)) return `class ${i}`;
    }
  }

  removeClass(one) {
    one.pictures.forEach(picture => picture.forget());
    this.classes = this.classes.filter(other => other !== one);
    this.changed();
  }

  /** Adds files to a class, or to the queries where it is null. */
  addFiles(one, files) {
    (one?.pictures ?? this.queries).push(...files.map(file => new Picture(file)));
    this.changed(one !== null);
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
    this.changed(one !== null);
  }

  /** Moves a picture into a class (null for the queries), before another picture or to the end. */
  move(picture, target, before = null) {
    const { list } = this.placeOf(picture);
    list.splice(list.indexOf(picture), 1);
    const into = target?.pictures ?? this.queries;
    into.splice(before ? into.indexOf(before) : into.length, 0, picture);
    if (picture.refused) picture.refused = null;
    picture.answers = [];
    this.changed();
  }

  clear() {
    for (const picture of [...this.classes.flatMap(one => one.pictures), ...this.queries]) picture.forget();
    this.classes = [];
    this.queries = [];
    this.changed();
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
    if (this.support.length < 2) return 'Give at least two classes with a picture each.';
    if (this.support.some(one => one.label === '')) return 'A class has no name.';
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
