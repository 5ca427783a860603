// Whether a file is a picture, by its first bytes: what is none is told at once, and not when it is sent.

import { refuseTooLarge } from './ask.js';

const kinds = [
  ['JPEG', [0xff, 0xd8, 0xff]], ['PNG', [0x89, 0x50, 0x4e, 0x47]], ['GIF', [0x47, 0x49, 0x46, 0x38]], ['BMP', [0x42, 0x4d]],
  ['TIFF', [0x49, 0x49, 0x2a, 0x00]], ['TIFF', [0x4d, 0x4d, 0x00, 0x2a]], // the server says whether it takes these
];

const startsWith = (bytes, start, at = 0) => start.every((byte, i) => bytes[at + i] === byte);
const text = word => [...word].map(letter => letter.charCodeAt(0));

/** Marks the files that cannot be used: what is too large, and what is no picture. Resolves with how many these are. */
export async function refuseUnusable(pictures) {
  await refuseTooLarge(pictures);
  await Promise.all(pictures.filter(picture => !picture.refused).map(async picture => {
    const bytes = await picture.file.slice(0, 16).arrayBuffer().then(buffer => new Uint8Array(buffer), () => null);
    const reason = bytes === null ? ['The file cannot be read.', 'It may have been moved or deleted since it was chosen.'] : reasonOf(bytes);
    if (reason) picture.refused = { title: reason[0], detail: reason[1] };
  }));
  return pictures.filter(picture => picture.refused).length;
}

const takes = 'The server takes JPEG, PNG, WebP, GIF and BMP.';

function reasonOf(bytes) {
  if (bytes.length === 0) return ['The file is empty.', takes];
  if (kinds.some(([, start]) => startsWith(bytes, /** @type {number[]} */ (start)))) return null;
  if (startsWith(bytes, text('RIFF')) && startsWith(bytes, text('WEBP'), 8)) return null;
  if (startsWith(bytes, text('ftyp'), 4)) return ['This kind of picture is not supported (HEIC or AVIF).', `${takes} Save it as JPEG or PNG first.`];
  return ['The file is not an image in a supported format.', takes];
}
