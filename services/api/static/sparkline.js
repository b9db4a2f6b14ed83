// A line of past values in an SVG of 240 by 48, with the target as a dashed one. What has no value leaves a gap.

const WIDTH = 240;
const HEIGHT = 48;
const EDGE = 3;

function element(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, given] of Object.entries(attributes)) made.setAttribute(key, given);
  return made;
}

export function draw(svg, points, target, label) {
  const numbers = points.map((point) => point.value).filter((value) => value !== null);
  svg.replaceChildren();
  svg.setAttribute("aria-label", label);
  if (numbers.length < 2) return;
  const goal = typeof target === "number" ? target : null;
  const low = Math.min(...numbers, ...(goal === null ? [] : [goal]));
  const high = Math.max(...numbers, ...(goal === null ? [] : [goal]));
  const y = (value) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE);
  const x = (place) => (place / (points.length - 1)) * WIDTH;
  for (const run of runs(points)) {
    const path = run.map(([place, value], step) => `${step ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const [first, last] = [run[0][0], run[run.length - 1][0]];
    svg.append(element("path", { class: "under", d: `${path}L${x(last).toFixed(1)} ${HEIGHT}L${x(first).toFixed(1)} ${HEIGHT}Z` }));
    svg.append(element("path", { class: "trace", d: path }));
  }
  if (goal !== null) svg.append(element("line", { class: "goal", x1: 0, x2: WIDTH, y1: y(goal), y2: y(goal) }));
}

function runs(points) {
  const found = [];
  let run = null;
  points.forEach((point, place) => {
    if (point.value === null) {
      run = null;
      return;
    }
    if (run === null) found.push((run = []));
    run.push([place, point.value]);
  });
  return found;
}
