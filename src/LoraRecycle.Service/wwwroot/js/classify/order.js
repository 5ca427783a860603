// In which order the pictures to classify are shown, and which of them.

const least = 0.8; // below this probability an answer counts as unsure

/** What the first adapter said of a picture. */
export const saidOf = picture => picture.answers[0]?.prediction ?? null;

/** How sure an answer is: none at all where it is none of the classes. */
const sureness = picture => {
  const said = saidOf(picture);
  return said === null ? 2 : said.label === null ? 0 : said.probability;
};

export const isUnsure = picture => sureness(picture) < least;

export const isWrong = picture => picture.expected !== null && saidOf(picture) !== null && saidOf(picture).label !== picture.expected;

const orders = {
  unsure: (a, b) => sureness(a.picture) - sureness(b.picture),
  sure: (a, b) => sureness(b.picture) - sureness(a.picture),
  given: () => 0,
  name: (a, b) => a.picture.name.localeCompare(b.picture.name, 'en', { numeric: true }),
};

const choices = { all: () => true, unsure: isUnsure, wrong: isWrong };

/** The pictures to show, each with its place in what was given. What was refused has no answer, and is shown with all. */
export const arranged = (queries, { order, shown }) =>
  queries.map((picture, at) => ({ picture, number: at + 1 })).filter(({ picture }) => choices[shown](picture)).sort(orders[order]);
