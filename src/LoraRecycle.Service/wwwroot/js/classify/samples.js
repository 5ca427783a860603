// Episodes of the photographs that come with the server, at one click.
import { getBlob, getJson } from '../shared/api.js';
import { el } from '../shared/dom.js';
import { Picture } from '../shared/picture.js';

const queriesOfAClass = 3;

const episodes = [
  { ways: 5, shots: 1 },
  { ways: 5, shots: 5 },
  { ways: 8, shots: 3 },
];

/** Fills the group with a button for each episode, or hides it where the server has no photographs. */
export async function offerSamples(group, episode, loaded) {
  let classes;
  try {
    ({ classes } = await getJson('samples'));
  } catch {
    classes = [];
  }
  group.hidden = classes.length < 2;
  group.querySelectorAll('button').forEach(button => button.remove());
  group.append(...episodes.filter(({ ways }) => ways <= classes.length).map(({ ways, shots }) => el('button', {
    type: 'button',
    onclick: async event => {
      event.target.disabled = true;
      try {
        await load(episode, drawn(classes, ways), shots);
        await loaded();
      } finally {
        event.target.disabled = false;
      }
    },
  }, `${ways} classes, ${shots} ${shots === 1 ? 'example' : 'examples'} each`)));
}

/** Some of a list, other ones each time. */
function drawn(all, number) {
  const left = [...all];
  return Array.from({ length: Math.min(number, left.length) }, () => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

async function load(episode, classes, shots) {
  const parts = await Promise.all(classes.map(async ({ label, images }) => {
    const pictures = await Promise.all(drawn(images, shots + queriesOfAClass).map(async name =>
      new Picture(new File([await getBlob(`samples/${encodeURIComponent(label)}/${encodeURIComponent(name)}`)], name, { type: 'image/jpeg' }), label)));
    return { label, support: pictures.slice(0, shots), queries: pictures.slice(shots) };
  }));
  episode.clear();
  for (const { label, support, queries } of parts) {
    episode.addClass(label, support);
    episode.queries.push(...queries);
  }
  episode.changed();
}
