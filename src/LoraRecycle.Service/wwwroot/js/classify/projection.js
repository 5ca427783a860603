// Principal component analysis down to two dimensions, by power iteration.

const iterations = 60;

/**
 * Projects vectors of one length onto their two directions of largest variance, and others, which have no say in these
 * directions, with them. Returns points [x, y] of all, and the share of the variance that they keep.
 */
export function project(vectors, others = []) {
  if (vectors.length === 0) return { points: [], share: 0 };
  const centre = mean(vectors);
  const rows = vectors.map(vector => less(vector, centre));
  const along = others.map(vector => less(vector, centre));
  const all = rows.reduce((sum, row) => sum + dot(row, row), 0);
  const points = [...rows, ...along].map(() => [0, 0]);
  let kept = 0;
  for (let axis = 0; axis < 2; axis++) {
    const direction = principal(rows);
    [...rows, ...along].forEach((row, index) => {
      const length = dot(row, direction);
      points[index][axis] = length;
      if (index < rows.length) kept += length * length;
      for (let i = 0; i < row.length; i++) row[i] -= length * direction[i]; // what is left is orthogonal to it
    });
  }
  return { points, share: all === 0 ? 0 : kept / all };
}

const less = (vector, centre) => Float64Array.from(vector, (value, i) => value - centre[i]);

/** The direction of largest variance. It starts from the longest row, so that the same vectors always give the same picture. */
function principal(rows) {
  let direction = unit(Float64Array.from(rows.reduce((best, row) => (dot(row, row) > dot(best, best) ? row : best))));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = new Float64Array(direction.length);
    for (const row of rows) {
      const along = dot(row, direction);
      for (let i = 0; i < next.length; i++) next[i] += along * row[i];
    }
    direction = unit(next);
  }
  return direction;
}

function unit(vector) {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map(value => value / length);
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The mean of some vectors: a class's prototype. */
export function mean(vectors) {
  const sum = new Float64Array(vectors[0].length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i] += vector[i] / vectors.length;
  return sum;
}
