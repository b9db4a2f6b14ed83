// Numbers, times and statuses as people read them.

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, notation: "compact" });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const reasons = {
  no_data: "no data",
  division_by_zero: "nothing to divide by",
  not_comparable: "not comparable",
  no_rate: "no exchange rate",
  no_target: "no target",
  not_served: "not kept for this window",
  before_start: "not counted from the start of this window",
  folded: "too many groups",
};

// The shape says the same as the colour, for those who do not see the one.
export const statuses = {
  off_track: { word: "off track", mark: "▼" },
  not_met: { word: "not met", mark: "✕" },
  at_risk: { word: "at risk", mark: "◆" },
  on_track: { word: "on track", mark: "●" },
  met: { word: "met", mark: "✓" },
  too_early: { word: "too early", mark: "◔" },
  no_data: { word: "no data", mark: "○" },
  none: { word: "no target", mark: "–" },
};

export function reasonOf(value) {
  return reasons[value.reason] ?? value.reason;
}

// [number, unit] of an amount in the unit of a value.
export function amount(number, value) {
  if (value.unit === "ratio") return [percent.format(number), ""];
  if (value.unit === "seconds") return [duration(number), ""];
  if (value.unit === "money") return money(number, value.currency);
  const digits = Math.abs(number) >= 1e6 ? short : plain;
  return [digits.format(number), value.unit];
}

export function text(number, value) {
  return amount(number, value).join(" ").trim();
}

function money(number, currency) {
  if (!currency) return [plain.format(number), ""];
  const options = { style: "currency", currency, notation: Math.abs(number) >= 1e6 ? "compact" : "standard" };
  return [new Intl.NumberFormat(undefined, options).format(number), ""];
}

export function duration(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.abs(seconds);
  if (whole < 60) return `${sign}${plain.format(whole)} s`;
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [Math.floor(whole % 60), "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return sign + parts.slice(first, first + 2).filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ");
}

export function span(window) {
  const start = new Date(window.start);
  const end = new Date(window.end);
  const day = { month: "short", day: "numeric", timeZone: window.time_zone };
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: window.time_zone };
  const format = (date, options) => new Intl.DateTimeFormat(undefined, options).format(date);
  if (end - start < 86400e3) return `${window.name}, ${format(start, time)}–${format(end, time)}`;
  const last = new Date(end - 1);
  const days = format(start, day) === format(last, day) ? format(start, day) : `${format(start, day)}–${format(last, day)}`;
  return `${window.name}, ${days}`;
}

// A difference of two ratios is no ratio of anything: it is counted in points.
export function difference(number, value) {
  const size = value.unit === "ratio" ? `${plain.format(Math.abs(number) * 100)} points` : text(Math.abs(number), value);
  return number > 0 ? `▲ ${size} more` : `▼ ${size} less`;
}

export function targetOf(value) {
  const target = value.target;
  if (target === null) return "";
  if (typeof target === "number") return `target ${text(target, value)}`;
  const bounds = [target.min, target.max].map((bound) => (bound === null ? "…" : text(bound, value)));
  return `target ${bounds.join(" to ")}`;
}
