// The page: a card for each KPI, live.

import { Card } from "./card.js";
import { ask, keepToken, listen, NotAllowed } from "./source.js";
import { statuses } from "./words.js";

const RETRY_MS = 2000;
const AGE_MS = 1000;
const PAST_MS = 15000;

const at = (id) => document.getElementById(id);
const cards = new Map();
let listening = new AbortController();

async function start() {
  const { kpis } = await ask("/v1/kpis");
  for (const kpi of kpis) cards.set(kpi.kpi, new Card(kpi, at("card")));
  for (const [department, members] of Object.entries(Object.groupBy(kpis, (kpi) => kpi.department))) {
    at("kpis").append(section(department, members.map((kpi) => cards.get(kpi.kpi).root)));
  }
  for (const name of new Set(kpis.flatMap((kpi) => kpi.windows))) at("window").append(new Option(name, name));
  at("window").addEventListener("change", () => listening.abort());
  const wanted = cards.get(new URLSearchParams(location.search).get("kpi"));
  if (wanted) {
    wanted.root.classList.add("chosen");
    wanted.root.scrollIntoView({ block: "center" });
  }
  setInterval(tick, AGE_MS);
  setInterval(past, PAST_MS);
  follow();
}

function section(department, members) {
  const made = document.createElement("section");
  made.className = "department";
  made.setAttribute("aria-label", department);
  const heading = document.createElement("h2");
  heading.textContent = department;
  const grid = document.createElement("div");
  grid.className = "cards";
  grid.append(...members);
  made.append(heading, grid);
  return made;
}

// Stays connected: after an end, a failure or another choice of window it begins again.
async function follow() {
  for (;;) {
    listening = new AbortController();
    const window = at("window").value;
    const path = window ? `/v1/stream?window=${encodeURIComponent(window)}` : "/v1/stream";
    try {
      await listen(path, listening.signal, { open: () => connection("live", "live"), value: show, beat: () => {} });
    } catch (error) {
      if (error instanceof NotAllowed) return enter();
      if (listening.signal.aborted) continue;
      connection("away", "no connection, trying again");
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function show(value) {
  const card = cards.get(value.kpi);
  if (!card) return;
  const said = card.show(value);
  if (said) at("announcements").textContent = said;
  card.load(ask).catch(() => {});
  at("notice").hidden = !value.stale;
  at("notice").textContent = "The service is behind: these values may be old.";
  summarise();
}

function summarise() {
  const counts = Object.groupBy([...cards.values()], (card) => card.status);
  const items = Object.entries(statuses).filter(([status]) => counts[status]).map(([status, { word, mark }]) => {
    const item = document.createElement("li");
    item.dataset.status = status;
    item.textContent = `${mark} ${counts[status].length} ${word}`;
    return item;
  });
  at("summary").replaceChildren(...items);
}

function tick() {
  at("clock").textContent = new Date().toISOString().slice(11, 19);
  for (const card of cards.values()) card.age();
}

function past() {
  for (const card of cards.values()) card.load(ask).catch(() => {});
}

function connection(state, words) {
  at("connection").dataset.state = state;
  at("connection").textContent = words;
}

function enter() {
  connection("away", "not entered");
  at("entry").hidden = false;
  at("token").focus();
}

at("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(at("token").value);
  location.reload();
});

function begin() {
  start().catch((error) => {
    if (error instanceof NotAllowed) return enter();
    connection("away", "no connection, trying again");
    return setTimeout(begin, RETRY_MS);
  });
}

tick();
begin();
