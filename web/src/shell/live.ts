import type { QueryClient } from "@tanstack/react-query";
import { CaseChanged } from "../api/documents";
import { follow } from "../api/events";
import type { LiveState } from "../api/events";

let state: LiveState = "polling";
const listeners = new Set<() => void>();
export const live = { read: (): LiveState => state, subscribe: (l: () => void) => { listeners.add(l); return () => listeners.delete(l); } };

const pollMs = 30_000;

/** Keeps lists and open cases fresh: by the server's stream; while that is down, by asking every half minute. */
export function watchCases(client: QueryClient): () => void {
  let cursor: string | null = null;
  let changed = new Set<string>();
  let soon: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    soon = undefined;
    for (const id of changed) void client.invalidateQueries({ queryKey: ["case", id] });
    changed = new Set();
    void client.invalidateQueries({ queryKey: ["inbox"] });
    void client.invalidateQueries({ queryKey: ["cases"] });
  };
  const stop = follow({
    document: CaseChanged, variables: () => ({ after: cursor }),
    onNext: ({ caseChanged }) => {
      cursor = caseChanged.cursor;
      if (caseChanged.case) changed.add(caseChanged.case.id);
      soon ??= setTimeout(refresh, 400);
    },
    onState: (next) => { state = next; for (const listener of listeners) listener(); },
  });
  const poll = setInterval(() => { if (state === "polling" && navigator.onLine && document.visibilityState === "visible") refresh(); }, pollMs);
  return () => { stop(); clearInterval(poll); clearTimeout(soon); };
}
