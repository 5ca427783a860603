// Episodes of the photographs that come with the server, at one click.
import { getBlob, getJson } from '../shared/api.js';
import { el } from '../shared/dom.js';
import { Picture } from '../shared/picture.js';

const queriesOfAClass = 3;

const episodes = [
  { ways: 5, shots: 5 }, // first: with one example, what a single episode shows is luck
  { ways: 5, shots: 1 },
  { ways: 8, shots: 3 },
];

/** Fills the group with a button for each episode, the first of which is where to begin; hides it where the server has no photographs. */
export async function offerSamples(group, episode, { loaded, failed }) {
  let classes;
  try {
    ({ classes } = await getJson('samples'));
  } catch {
    classes = [];
  }
  group.hidden = classes.length < 2;
  const offered = episodes.filter(({ ways }) => ways <= classes.length);
  group.replaceChildren(...offered.flatMap(({ ways, shots }, i) => {
    const named = `${ways} classes, ${shots} ${shots === 1 ? 'example' : 'examples'} each`;
    const button = el('button', {
      type: 'button', id: `sample-${i}`, class: i === 0 ? 'primary' : '',
      onclick: async () => {
        if (button.getAttribute('aria-busy') === 'true') return;
        button.setAttribute('aria-busy', 'true');
        try {
          await load(episode, drawn(classes, ways), shots);
          await loaded();
        } catch (problem) {
          failed(problem);
        } finally {
          button.removeAttribute('aria-busy');
        }
      },
    }, i === 0 ? `Try a sample: ${named}` : named);
    return i === 1 ? [el('span', {}, 'or'), button] : [button];
  }));
}

/** Some of a list, other ones each time. */
function drawn(all, number) {
  const left = [...all];
  return Array.from({ length: Math.min(number, left.length) }, () => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

async function load(episode, classes, shots) {
  const parts = await Promise.all(classes.map(async ({ label, images }) => {
    const pictures = await Promise.all(drawn(images, shots + queriesOfAClass).map(async name => {
      const path = `samples/${encodeURIComponent(label)}/${encodeURIComponent(name)}`;
      return Object.assign(new Picture(new File([await getBlob(path)], name, { type: 'image/jpeg' }), label), { source: { path, sample: [label, name] } });
    }));
    return { label, support: pictures.slice(0, shots), queries: pictures.slice(shots) };
  }));
  episode.replace({
    classes: parts.map(({ label, support }) => ({ label, pictures: support })), queries: parts.flatMap(part => part.queries),
  }, episode.hasPictures ? 'The sample took the place of your pictures.' : undefined);
}
