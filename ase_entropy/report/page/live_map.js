/* The map of descriptor space: shows the configuration of the point one points at. */
'use strict';
(() => {
const data = JSON.parse(document.getElementById('live-map-numbers').textContent);
const {sets, points, specimens, elements} = data;
const root = document.getElementById('live-map'), find = (name) => root.querySelector(name);
const plane = find('.plane'), drawing = find('.drawing'), said = find('.said');
const INK = '#222', REACH = 14;  // pixels around a point
const MARGIN = {left: 44, right: 8, top: 8, bottom: 38};
const visible = sets.map(() => true);
const order = points.map((_, i) => i).sort((a, b) => points[a][0] - points[b][0]);
let chosen = -1, kept = false;
let turn = rotate(rotate([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 1, 0.35), 0, -1.4);

/* Return a matrix turned about the axis x (0) or y (1) of the screen. */
function rotate(matrix, axis, angle) {
  const c = Math.cos(angle), s = Math.sin(angle), [x, y, z] = matrix;
  const mix = (u, v, a, b) => u.map((value, k) => a * value + b * v[k]);
  return axis ? [mix(x, z, c, s), y, mix(z, x, c, -s)] : [x, mix(y, z, c, -s), mix(z, y, c, s)];
}

/* Return the pen of a canvas, cleared, with pixels as fine as those of the screen. */
function pen(canvas) {
  const fine = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * fine;
  canvas.height = height * fine;
  const ink = canvas.getContext('2d');
  ink.scale(fine, fine);
  ink.fillStyle = '#fff';
  ink.fillRect(0, 0, width, height);
  return [ink, width, height];
}

/* Add a marker of a set, one of Matplotlib's, to the path. */
function mark(ink, kind, x, y, r) {
  const line = (...ends) => ends.forEach(([u, v], k) =>
    k ? ink.lineTo(x + r * u, y + r * v) : ink.moveTo(x + r * u, y + r * v));
  ink.beginPath();
  if (kind === 'o') ink.arc(x, y, r, 0, 7);
  else if (kind === 's') ink.rect(x - r, y - r, 2 * r, 2 * r);
  else if (kind === '^') line([0, -1.2], [1.1, 0.9], [-1.1, 0.9], [0, -1.2]);
  else if (kind === 'v') line([0, 1.2], [1.1, -0.9], [-1.1, -0.9], [0, 1.2]);
  else if (kind === 'D') line([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0], [0, -1.3]);
  else {
    if (kind !== '+') { line([-1, -1], [1, 1]); line([-1, 1], [1, -1]); }
    if (kind !== 'x') { line([-1.3, 0], [1.3, 0]); line([0, -1.3], [0, 1.3]); }
  }
  ink.stroke();
}

function place(i) {
  const width = plane.clientWidth - MARGIN.left - MARGIN.right;
  const height = plane.clientHeight - MARGIN.top - MARGIN.bottom;
  return [MARGIN.left + width * points[i][0], MARGIN.top + height * (1 - points[i][1])];
}

function axes(ink, width, height) {
  const bottom = height - MARGIN.bottom, across = width - MARGIN.left - MARGIN.right;
  ink.strokeStyle = '#888';
  ink.fillStyle = INK;
  ink.font = '12px system-ui, sans-serif';
  ink.strokeRect(MARGIN.left, MARGIN.top, across, bottom - MARGIN.top);
  ink.textAlign = 'center';
  let end = -99;  // of the last number
  for (const [u, text] of data.x[1]) {
    const x = MARGIN.left + across * u;
    ink.fillRect(x, bottom, 1, 4);
    if (x - end > 8 + ink.measureText(text).width / 2) {
      ink.fillText(text, x, bottom + 16);
      end = x + ink.measureText(text).width / 2;
    }
  }
  ink.fillText(data.x[0], MARGIN.left + across / 2, height - 6, across);
  ink.textAlign = 'right';
  for (const [u, text] of data.y[1]) {
    const y = MARGIN.top + (bottom - MARGIN.top) * (1 - u);
    ink.fillRect(MARGIN.left - 4, y, 4, 1);
    ink.fillText(text, MARGIN.left - 6, y + 4);
  }
  ink.save();
  ink.translate(12, (MARGIN.top + bottom) / 2);
  ink.rotate(-Math.PI / 2);
  ink.textAlign = 'center';
  ink.fillText(data.y[0], 0, 0, bottom - MARGIN.top);
  ink.restore();
}

function drawPlane() {
  const [ink, width, height] = pen(plane);
  axes(ink, width, height);
  ink.globalAlpha = 0.6;
  points.forEach(([, , specimen], i) => {
    const set = specimens[specimen].set, [, color, kind] = sets[set];
    if (!visible[set]) return;
    ink.strokeStyle = color;
    mark(ink, kind, ...place(i), 2.5);
  });
  if (chosen < 0) return;
  ink.globalAlpha = 1;
  ink.strokeStyle = INK;
  points.forEach(([, , specimen], i) => {
    if (specimen === points[chosen][2]) mark(ink, 'o', ...place(i), 5);
  });
  ink.lineWidth = 3;
  mark(ink, 'o', ...place(chosen), 8);
}

function drawAtoms() {
  const [ink, width, height] = pen(drawing);
  const own = chosen < 0 ? {} : specimens[points[chosen][2]];
  if (!own.numbers) return;
  const seen = (r) => turn.map((row) => row[0] * r[0] + row[1] * r[1] + row[2] * r[2]);
  const atoms = own.numbers.map((z, n) => [seen(own.places.slice(3 * n, 3 * n + 3)), z, n]);
  const edges = edgesOf(own.cell).map((edge) => edge.map(seen));
  const all = [...atoms.map(([r]) => r), ...edges.flat()];
  const [low, high] = [Math.min, Math.max].map((end) =>
    [0, 1].map((k) => all.reduce((best, r) => end(best, r[k]), all[0][k])));
  const radius = (z) => 0.8 * elements[z][2];
  const most = Math.max(...new Set(own.numbers.map(radius)));
  const scale = Math.max(0, Math.min((width - 12) / (high[0] - low[0] + 2 * most),
    (height - 12) / (high[1] - low[1] + 2 * most)));
  const at = (r) => [width / 2 + scale * (r[0] - (low[0] + high[0]) / 2),
    height / 2 - scale * (r[1] - (low[1] + high[1]) / 2)];
  ink.strokeStyle = '#888';
  for (const [a, b] of edges) {
    ink.beginPath();
    ink.moveTo(...at(a));
    ink.lineTo(...at(b));
    ink.stroke();
  }
  const circle = (r, z) => {
    ink.beginPath();
    ink.arc(...at(r), scale * radius(z), 0, 7);
  };
  ink.strokeStyle = INK;
  for (const [r, z] of atoms.sort((a, b) => a[0][2] - b[0][2])) {
    ink.fillStyle = elements[z][1];
    circle(r, z);
    ink.fill();
    ink.stroke();
  }
  const central = atoms.find(([, , n]) => n === points[chosen][3]);
  ink.strokeStyle = '#d55e00';  // seen through those in front
  ink.lineWidth = 4;
  circle(...central);
  ink.stroke();
}

/* Return the twelve edges of a cell, or fewer where it has no vector. */
function edgesOf(cell) {
  const axes = cell.filter((a) => a.some((x) => x)), corners = 1 << axes.length;
  const corner = (bits) => axes.reduce(
    (r, a, k) => (bits >> k & 1 ? r.map((x, c) => x + a[c]) : r), [0, 0, 0]);
  const edges = [];
  for (let bits = 0; bits < corners; bits++)
    axes.forEach((_, k) => {
      if (!(bits >> k & 1)) edges.push([corner(bits), corner(bits | 1 << k)]);
    });
  return edges;
}

function choose(i) {
  if (i === chosen) return;
  chosen = i;
  if (i >= 0) {
    const own = specimens[points[i][2]], atom = points[i][3];
    const symbol = own.numbers ? ` (${elements[own.numbers[atom]][0]})` : '';
    said.textContent = [...own.said, `environment of atom ${atom}${symbol}`].join(' · ');
  }
  drawPlane();
  drawAtoms();
}

function nearest(event) {
  const box = plane.getBoundingClientRect();
  let best = -1, least = REACH;
  points.forEach(([, , specimen], i) => {
    if (!visible[specimens[specimen].set]) return;
    const [x, y] = place(i);
    const far = Math.hypot(x - (event.clientX - box.left), y - (event.clientY - box.top));
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

plane.addEventListener('pointermove', (event) => {
  const i = kept ? -1 : nearest(event);
  if (i >= 0) choose(i);
});
plane.addEventListener('click', (event) => {
  const i = nearest(event);
  kept = i >= 0 && !(kept && i === chosen);
  if (i >= 0) choose(i);
});
plane.addEventListener('keydown', (event) => {
  const step = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[event.key];
  if (!step) return;
  event.preventDefault();
  const open = order.filter((i) => visible[specimens[points[i][2]].set]);
  if (!open.length) return;
  kept = true;
  choose(open[(open.indexOf(chosen) + step + open.length) % open.length]);
});

function turnBy(x, y) {
  turn = rotate(rotate(turn, 1, x), 0, y);
  drawAtoms();
}
drawing.addEventListener('pointerdown', (event) => drawing.setPointerCapture(event.pointerId));
drawing.addEventListener('pointermove', (event) => {
  if (event.buttons) turnBy(0.01 * event.movementX, 0.01 * event.movementY);
});
drawing.addEventListener('keydown', (event) => {
  const way = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};
  if (!way[event.key]) return;
  event.preventDefault();
  turnBy(...way[event.key].map((x) => 0.15 * x));
});

sets.forEach(([name, color, kind], s) => {
  const label = document.createElement('label'), box = document.createElement('input');
  const sample = document.createElement('canvas');
  Object.assign(box, {type: 'checkbox', checked: true});
  box.addEventListener('change', () => {
    visible[s] = box.checked;
    drawPlane();
  });
  label.append(box, sample, ` ${name}`);
  find('.sets').append(label);
  root.hidden = false;
  sample.setAttribute('aria-hidden', 'true');
  const [ink] = pen(sample);
  ink.strokeStyle = color;
  ink.lineWidth = 1.5;
  mark(ink, kind, 8, 8, 4);
});
root.closest('figure').classList.add('live');
new ResizeObserver(() => { drawPlane(); drawAtoms(); }).observe(plane);
choose(order[order.length >> 1]);
})();
