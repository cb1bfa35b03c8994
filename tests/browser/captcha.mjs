// Reads the captcha's picture, as a person would: nothing of the server is asked but the picture.
//
// That a script can do this is no discovery. src/web/captcha.rs calls the captcha friction and not
// a boundary; the limits are the boundary, and they stand for this script, too. The reader knows
// the shapes of the characters and how they may be bent. It takes the thin lines away, takes what
// hangs together for one character, and lays every shape over it in every posture. It is right in
// about four tries of five; whoever calls it asks for another picture when it was not.

import { inflateSync } from 'node:zlib';

const LENGTH = 5;

// Points on a grid of 6 by 10, strokes separated by commas.
const SHAPES = Object.entries({
  2: '02 11 31 52 54 0a 6a',
  3: '01 50 64 35 66 58 3a 0a',
  4: '40 06 66,40 4a',
  6: '50 20 04 08 2a 4a 68 66 45 15 06',
  7: '00 60 2a,14 54',
  8: '30 11 13 35 57 59 3a 19 17 35 53 51 30',
  9: '64 45 24 12 20 40 62 64 58 1a',
  A: '0a 30 6a,16 56',
  C: '61 40 20 03 07 2a 4a 69',
  E: '60 00 0a 6a,05 45',
  F: '60 00 0a,05 45',
  H: '00 0a,60 6a,05 65',
  K: '00 0a,60 05 6a',
  L: '00 0a 6a',
  M: '0a 00 36 60 6a',
  N: '0a 00 6a 60',
  P: '0a 00 40 62 63 45 05',
  R: '0a 00 40 62 63 45 05 35 6a',
  T: '00 60,30 3a',
  X: '00 6a,60 0a',
}).map(([letter, strokes]) => ({ letter, points: along(strokes) }));

/// Points every half unit along the strokes, the grid's middle at 0.
function along(strokes) {
  const points = [];
  for (const stroke of strokes.split(',')) {
    const corners = stroke.split(' ').map((p) => [...p].map((d) => parseInt(d, 16)));
    for (let i = 1; i < corners.length; i++) {
      const [[ax, ay], [bx, by]] = [corners[i - 1], corners[i]];
      const steps = Math.ceil(Math.hypot(bx - ax, by - ay) * 2);
      for (let s = 0; s <= steps; s++) {
        points.push([ax + ((bx - ax) * s) / steps - 3, ay + ((by - ay) * s) / steps - 5]);
      }
    }
  }
  return points;
}

/// Grey values of a PNG of eight bits a channel, whatever its channels are.
export function grey(png) {
  const parts = [];
  let width, height, channels;
  for (let at = 8; at < png.length; ) {
    const [length, kind] = [png.readUInt32BE(at), png.toString('latin1', at + 4, at + 8)];
    const data = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[data[9]];
      if (data[8] !== 8 || !channels || data[12]) throw new Error('a PNG of another kind');
    }
    if (kind === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  const raw = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = raw[i * channels];
  return { width, height, values };
}

/// Undoes the PNG's line filters.
function unfilter(bytes, row, height, step) {
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const kind = bytes[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const left = x >= step ? out[y * row + x - step] : 0;
      const up = y > 0 ? out[(y - 1) * row + x] : 0;
      const corner = x >= step && y > 0 ? out[(y - 1) * row + x - step] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][kind];
      out[y * row + x] = bytes[y * (row + 1) + 1 + x] + guess;
    }
  }
  return out;
}

function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/// What is left of the ink when everything thinner than three pixels is taken away.
function thick({ width, height, values }) {
  const ink = Uint8Array.from(values, (v) => (v < 110 ? 1 : 0));
  const cross = [0, 1, -1, width, -width];
  const inside = (i) => i >= width && i < width * (height - 1);
  const thin = ink.map((_, i) => Number(inside(i) && cross.every((d) => ink[i + d])));
  return ink.map((v, i) => Number(v && inside(i) && cross.some((d) => thin[i + d])));
}

/// The characters, from left to right: what hangs together, specks left out.
function blobs({ width, height, values }) {
  const ink = thick({ width, height, values });
  const found = [];
  for (let start = 0; start < ink.length; start++) {
    if (!ink[start]) continue;
    const [blob, open] = [[], [start]];
    ink[start] = 0;
    while (open.length) {
      const at = open.pop();
      blob.push([at % width, Math.floor(at / width)]);
      for (const d of [1, -1, width, -width, width + 1, width - 1, 1 - width, -1 - width]) {
        if (ink[at + d]) {
          ink[at + d] = 0;
          open.push(at + d);
        }
      }
    }
    // A rest of a thin line is lower than any character.
    if (span(blob, 1) > 16) found.push(blob);
  }
  return found.sort((a, b) => mean(a, 0) - mean(b, 0));
}

const mean = (blob, axis) => blob.reduce((sum, p) => sum + p[axis], 0) / blob.length;
const span = (blob, axis) =>
  Math.max(...blob.map((p) => p[axis])) - Math.min(...blob.map((p) => p[axis]));

/// Cuts the widest blob where it is thinnest, as long as a line holds two characters together.
function cut(found) {
  while (found.length && found.length < LENGTH) {
    const widest = found.reduce((a, b) => (span(b, 0) > span(a, 0) ? b : a));
    const left = Math.min(...widest.map(([x]) => x));
    const wide = span(widest, 0);
    if (wide < 44) break;
    const columns = new Array(wide + 1).fill(0);
    for (const [x] of widest) columns[x - left]++;
    let at = 18;
    for (let x = 18; x <= wide - 18; x++) if (columns[x] < columns[at]) at = x;
    const halves = [widest.filter(([x]) => x - left < at), widest.filter(([x]) => x - left >= at)];
    found.splice(found.indexOf(widest), 1, ...halves);
  }
  return found;
}

/// How badly a shape in a posture covers a blob: the mean way from each to the other.
function misfit(blob, shape, [size, turn, lean, slope, dx, dy]) {
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const laid = shape.points.map(([x, y]) => {
    const leant = x - lean * y;
    const px = size * (leant * cos - y * sin);
    return [dx + px, dy + size * (leant * sin + y * cos) + slope * px];
  });
  const back = new Float64Array(laid.length).fill(36);
  let there = 0;
  for (const [x, y] of blob) {
    let near = 36;
    for (let i = 0; i < laid.length; i++) {
      const way = (laid[i][0] - x) ** 2 + (laid[i][1] - y) ** 2;
      if (way < near) near = way;
      if (way < back[i]) back[i] = way;
    }
    there += Math.sqrt(near);
  }
  const returned = back.reduce((sum, way) => sum + Math.sqrt(way), 0);
  return there / blob.length + returned / laid.length;
}

/// The character whose best posture covers the blob best.
function letter(blob) {
  const [mx, my] = [mean(blob, 0), mean(blob, 1)];
  const tries = [];
  // A quarter of the points tells well enough which shapes to look at closely.
  const some = blob.filter((_, at) => at % 4 === 0);
  for (const shape of SHAPES) {
    const [cx, cy] = [mean(shape.points, 0), mean(shape.points, 1)];
    for (const turn of [-0.25, -0.12, 0, 0.12, 0.25]) {
      for (const lean of [-0.15, 0, 0.15]) {
        const posture = [3.7, turn, lean, 0, mx - 3.7 * cx, my - 3.7 * cy];
        tries.push({ shape, posture, score: misfit(some, shape, posture) });
      }
    }
  }
  tries.sort((a, b) => a.score - b.score);
  const best = tries.slice(0, 6).map((one) => refine(blob, one));
  return best.sort((a, b) => a.score - b.score)[0];
}

/// Moves a posture a little in each direction as long as that helps.
function refine(blob, { shape, posture, score }) {
  const most = [
    [3.1, 4.3],
    [-0.3, 0.3],
    [-0.22, 0.22],
    [-0.25, 0.25],
  ];
  let step = [0.2, 0.08, 0.08, 0.08, 1.5, 1.5];
  for (let round = 0; round < 5; round++) {
    for (let axis = 0; axis < step.length; axis++) {
      for (const way of [1, -1]) {
        const next = [...posture];
        next[axis] += way * step[axis];
        if (most[axis] && (next[axis] < most[axis][0] || next[axis] > most[axis][1])) continue;
        const scored = misfit(blob, shape, next);
        if (scored < score) [posture, score] = [next, scored];
      }
    }
    step = step.map((s) => s * 0.7);
  }
  return { shape, posture, score };
}

/// The characters in a picture, or null when they cannot be told apart.
export function read(png) {
  const letters = cut(blobs(grey(png)));
  if (letters.length !== LENGTH) return null;
  return letters.map((blob) => letter(blob).shape.letter).join('');
}
