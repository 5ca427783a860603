// A zip archive of files as they are: pictures are compressed already.

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = table[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Numbers as little-endian bytes: pairs of a value and how many bytes it has. */
function packed(...fields) {
  const bytes = [];
  for (const [value, size] of fields) for (let i = 0; i < size; i++) bytes.push(Math.floor(value / 2 ** (8 * i)) & 0xff);
  return Uint8Array.from(bytes);
}

const [version, utf8Names, date] = [20, 0x0800, 0x0021]; // 1 January 1980: the same pictures give the same archive

/**
 * The archive of files with their names, which are paths with slashes.
 * @param {{ name: string, file: Blob }[]} files
 */
export async function zip(files) {
  const [parts, directory] = [[], []];
  let [offset, directorySize] = [0, 0];
  for (const { name, file } of files) {
    const path = new TextEncoder().encode(name);
    const content = new Uint8Array(await file.arrayBuffer());
    const common = packed([version, 2], [utf8Names, 2], [0, 2], [0, 2], [date, 2], [crc32(content), 4], [content.length, 4], [content.length, 4], [path.length, 2], [0, 2]);
    const header = [packed([0x04034b50, 4]), common, path];
    parts.push(...header, file);
    const entry = [packed([0x02014b50, 4], [version, 2]), common, packed([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), path];
    directory.push(...entry);
    offset += sizeOf(header) + content.length;
    directorySize += sizeOf(entry);
  }
  return new Blob([...parts, ...directory, packed([0x06054b50, 4], [0, 4], [files.length, 2], [files.length, 2], [directorySize, 4], [offset, 4], [0, 2])], { type: 'application/zip' });
}

const sizeOf = arrays => arrays.reduce((sum, one) => sum + one.length, 0);
