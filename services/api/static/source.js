// What the page asks of the service: answers, and the stream of values. A token is kept for this tab only.

const KEPT = "kpi-token";

export class NotAllowed extends Error {}

export function keepToken(token) {
  sessionStorage.setItem(KEPT, token);
}

function headers() {
  const token = sessionStorage.getItem(KEPT);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function request(path, options = {}) {
  const response = await fetch(path, { ...options, headers: headers() });
  if (response.status === 401) throw new NotAllowed();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

export async function ask(path) {
  return (await request(path)).json();
}

// Events by fetch rather than EventSource, which cannot send a token. Ends when the service ends the stream.
export async function listen(path, signal, handlers) {
  const response = await request(path, { signal });
  handlers.open();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
      if (data.length) handlers.value(JSON.parse(data.join("\n")));
      else handlers.beat();
    }
  }
}
