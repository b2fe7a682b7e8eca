// SPDX-License-Identifier: Apache-2.0
// Where a connected graph's nodes go at first: pivot multidimensional scaling of the hop counts. Pure, deterministic.
//
// Classical scaling wants all distances; those to a few pivots that are far from each other give nearly the same
// picture for a fraction of the work (Brandes and Pich, "Eigensolver methods for progressive multidimensional scaling
// of large data", 2006).

const PIVOTS_MAX = 40;
const ROUNDS_MAX = 100;
const PRECISION = 1e-9;

/** Hops from one node. @param {Int32Array[]} neighbours @param {number} from */
function distances(neighbours, from) {
  const hops = new Float64Array(neighbours.length).fill(-1);
  const queue = new Int32Array(neighbours.length);
  let end = 1;
  queue[0] = from;
  hops[from] = 0;
  for (let at = 0; at < end; at += 1) {
    for (const next of neighbours[queue[at]]) {
      if (hops[next] >= 0) continue;
      hops[next] = hops[queue[at]] + 1;
      queue[end] = next;
      end += 1;
    }
  }
  return hops;
}

/** Columns of distances from pivots, each the farthest from those before it. */
function pivotColumns(neighbours) {
  const count = Math.min(PIVOTS_MAX, neighbours.length);
  const nearest = new Float64Array(neighbours.length).fill(Infinity);
  const columns = [];
  let pivot = 0;
  while (columns.length < count) {
    const column = distances(neighbours, pivot);
    columns.push(column);
    let farthest = 0;
    for (let i = 0; i < nearest.length; i += 1) {
      nearest[i] = Math.min(nearest[i], column[i]);
      if (nearest[i] > nearest[farthest]) farthest = i;
    }
    pivot = farthest;
  }
  return columns;
}

/** Squares, with the means of rows and columns taken out. */
function centre(columns) {
  const rows = columns[0].length;
  const rowMeans = new Float64Array(rows);
  let mean = 0;
  for (const column of columns) {
    let sum = 0;
    for (let i = 0; i < rows; i += 1) {
      column[i] *= column[i];
      sum += column[i];
      rowMeans[i] += column[i] / columns.length;
    }
    column.mean = sum / rows;
    mean += column.mean / columns.length;
  }
  for (const column of columns) {
    for (let i = 0; i < rows; i += 1) column[i] = -0.5 * (column[i] - rowMeans[i] - column.mean + mean);
  }
}

function dot(left, right) {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += left[i] * right[i];
  return sum;
}

/** The strongest direction of the symmetric matrix, by power iteration; its strength. */
function strongest(matrix) {
  let vector = Float64Array.from(matrix, (_, i) => 1 + ((i * 7919) % 101) / 101);
  let strength = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = Float64Array.from(matrix, (row) => dot(row, vector));
    const length = Math.sqrt(dot(next, next));
    if (length < PRECISION) return { vector: new Float64Array(matrix.length), strength: 0 };
    for (let i = 0; i < next.length; i += 1) next[i] /= length;
    vector = next;
    if (Math.abs(length - strength) < PRECISION * length) break;
    strength = length;
  }
  return { vector, strength };
}

function takeOut(matrix, { vector, strength }) {
  matrix.forEach((row, i) => {
    for (let j = 0; j < row.length; j += 1) row[j] -= strength * vector[i] * vector[j];
  });
}

/** Coordinates along a direction; the first node never has a positive one, so that no picture is mirrored at will. */
function along(columns, vector, rows) {
  const coordinates = new Float64Array(rows);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i += 1) coordinates[i] += column[i] * vector[j];
  });
  if (coordinates[0] > 0) for (let i = 0; i < rows; i += 1) coordinates[i] = -coordinates[i];
  return coordinates;
}

/**
 * Coordinates of a connected graph's nodes, in no particular unit; the widest extent is along x.
 * @param {Int32Array[]} neighbours of each node @returns {{ x: Float64Array, y: Float64Array }}
 */
export function spread(neighbours) {
  const rows = neighbours.length;
  const columns = pivotColumns(neighbours);
  centre(columns);
  const matrix = columns.map((left) => Float64Array.from(columns, (right) => dot(left, right)));
  const first = strongest(matrix);
  takeOut(matrix, first);
  const second = strongest(matrix);
  return { x: along(columns, first.vector, rows), y: along(columns, second.vector, rows) };
}
