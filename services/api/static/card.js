// One KPI on the page.

import { draw } from "./sparkline.js";
import { amount, difference, duration, reasonOf, span, statuses, targetOf, text } from "./words.js";

const OLD_SECONDS = 300;
const POINTS = 30;

export class Card {
  constructor(kpi, template) {
    this.kpi = kpi;
    this.value = null;
    this.drawn = "";
    this.points = [];
    this.root = template.content.firstElementChild.cloneNode(true);
    this.root.id = `kpi-${kpi.kpi}`;
    this.find("title").textContent = kpi.title;
    this.find("title").id = `title-${kpi.kpi}`;
    this.root.setAttribute("aria-labelledby", `title-${kpi.kpi}`);
    this.find("sentence").textContent = kpi.sentence;
    this.find("word").textContent = "waiting";
  }

  find(name) {
    return this.root.querySelector(`.${name}`);
  }

  get status() {
    return this.value ? this.value.status ?? "none" : "no_data";
  }

  // What changed for the ear: a sentence when the status is another one, else nothing.
  show(value) {
    const before = this.value && this.status;
    const changed = this.value && this.value.value !== value.value;
    this.value = value;
    const { word, mark } = statuses[this.status];
    this.root.dataset.status = this.status;
    this.find("word").textContent = word;
    this.find("mark").textContent = mark;
    const [number, unit] = value.value === null ? [reasonOf(value), ""] : amount(value.value, value);
    this.find("value").classList.toggle("none", value.value === null);
    this.find("number").textContent = number;
    this.find("unit").textContent = unit;
    this.find("against").textContent = this.against();
    this.find("window").textContent = span(value.window);
    this.find("complete").firstElementChild.value = value.completeness;
    this.find("complete").firstElementChild.setAttribute("aria-label", "share of the window that has been seen");
    this.find("complete").lastElementChild.textContent = `${Math.floor(value.completeness * 100)} %`;
    this.find("state").textContent = value.state + (value.revision > 1 ? `, revision ${value.revision}` : "");
    this.age();
    this.line();
    if (changed) this.flash();
    return before && before !== this.status ? `${this.kpi.title} is now ${word}: ${number} ${unit}`.trim() : "";
  }

  against() {
    const { value } = this;
    const parts = [targetOf(value)];
    if (value.change !== null && value.completeness === 1) {
      parts.push(value.change === 0 ? "as before" : `${difference(value.change, value)} than before`);
    }
    return parts.filter(Boolean).join(" · ");
  }

  age() {
    if (!this.value) return;
    const fresh = this.find("fresh");
    if (this.value.watermark === null) {
      fresh.textContent = "not all sources heard";
      return;
    }
    const seconds = Math.max((Date.now() - Date.parse(this.value.watermark)) / 1000, 0);
    fresh.textContent = `${duration(Math.round(seconds))} ago`;
    fresh.classList.toggle("old", seconds > OLD_SECONDS);
  }

  flash() {
    this.root.classList.remove("changed");
    void this.root.offsetWidth; // restarts the animation
    this.root.classList.add("changed");
  }

  // The past is asked for once a window; its last point follows the value.
  async load(ask) {
    const window = this.value?.window;
    if (!window || this.drawn === window.name + window.end) return;
    this.drawn = window.name + window.end;
    const series = await ask(`/v1/kpis/${this.kpi.kpi}/series?window=${window.name}&points=${POINTS}`);
    this.points = series.points;
    this.line();
  }

  line() {
    const last = this.value.window;
    const points = this.points.map((point) => (point.end === last.end ? { ...point, value: this.value.value } : point));
    const numbers = points.map((point) => point.value).filter((value) => value !== null);
    const label = numbers.length
      ? `The last ${points.length} windows: lowest ${text(Math.min(...numbers), this.value)}, highest ${text(Math.max(...numbers), this.value)}`
      : "No past values";
    draw(this.find("line"), points, this.value.target, label);
  }
}
