import { RequestFailure } from "../api/client";

/** Loaded apart from the first page: nothing there waits for it. */
const database = async () => (await import("./database")).database();

/** Asks; keeps the answer on this device; without signal gives the kept one. Refusals are never papered over. */
export async function keptCopy<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    void database().then((db) => db.put("kept", answer, name)).catch(() => undefined);
    return answer;
  } catch (error) {
    if (!(error instanceof RequestFailure) || error.kind !== "offline") throw error;
    const kept = await database().then((db) => db.get("kept", name)).catch(() => undefined);
    if (kept === undefined) throw error;
    return kept as T;
  }
}

/** At sign-out nothing of the account's reading stays on the device; unsent reports do, see outbox.ts. */
export async function forgetKept(): Promise<void> {
  await database().then((db) => db.clear("kept")).catch(() => undefined);
}
