import { RequestFailure, request } from "../api/client";
import { FileRefused, sendFile } from "../api/upload";
import { ReportCase } from "../api/documents.steps";
import type { ReportCaseInput, ReportCaseResult } from "../api/documents";
import { database } from "./database";
import { outboxItems } from "./outboxItems";
import type { OutboxItem, Photo, Refused } from "./outboxItems";

let account: string | null = null;
let watching = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let pause = 5_000;

async function reload(): Promise<void> {
  const rows = account === null ? [] : await (await database()).getAllFromIndex("outbox", "account", account);
  outboxItems.show(rows.sort((a, b) => b.createdAt.localeCompare(a.createdAt)));
}

export const outbox = {
  /** Reports belong to the account that wrote them; another one on the same phone neither sees nor sends them. */
  async open(owner: string): Promise<void> {
    if (account === owner) return;
    account = owner;
    await reload();
    watchSignal();
    void deliver();
  },
  close(): void { account = null; clearTimeout(timer); outboxItems.show([]); },
  async put(item: OutboxItem): Promise<void> { await (await database()).put("outbox", item); await reload(); },
  async remove(key: string): Promise<void> { await (await database()).delete("outbox", key); await reload(); },
};

async function upload(photo: Photo): Promise<Photo> {
  if (photo.id) return photo;
  // Noted by an older version of this page, without a key: one is made here and kept with the report before it is used.
  if (!photo.key) throw new Error("a file without a key");
  return { ...photo, id: (await sendFile(photo.blob, photo.name, photo.key)).id };
}

const withKeys = (photos: readonly Photo[]): readonly Photo[] => photos.map((p) => (p.key ? p : { ...p, key: crypto.randomUUID() }));
const asNew = (photos: readonly Photo[]): readonly Photo[] => photos.map(({ id: _, ...p }) => ({ ...p, key: crypto.randomUUID() }));
/** The server has cleared away files that waited too long for their report. */
const filesGone = (problems: readonly Refused[], photos: readonly Photo[]): boolean =>
  photos.some((p) => p.id !== undefined) && problems.some((p) => p.code === "NOT_FOUND" && p.path?.[0] === "attachmentIds");

type Answer = ReportCaseResult["reportCase"];

async function ask(item: OutboxItem, input: ReportCaseInput): Promise<Answer> {
  let { reportCase } = await request(ReportCase, { input });
  // An earlier form of this report did arrive, its answer was lost: ask for that answer instead of making a second case.
  for (const earlier of item.tried.toReversed()) {
    if (!reportCase.problems.some((p) => p.code === "KEY_REUSED")) break;
    ({ reportCase } = await request(ReportCase, { input: earlier }));
  }
  return reportCase;
}

async function sendOne(start: OutboxItem, onceMore = true): Promise<"answered" | "no-signal" | "signed-out"> {
  let item: OutboxItem = { ...start, photos: withKeys(start.photos), state: "sending", tries: start.tries + 1 };
  await outbox.put(item);
  try {
    for (const [index, photo] of item.photos.entries()) {
      item = { ...item, photos: item.photos.with(index, await upload(photo)) };
      await outbox.put(item);
    }
    const ids = item.photos.map((p) => p.id).filter((id): id is string => id !== undefined);
    const input: ReportCaseInput = { key: item.key, ...item.input, ...(ids.length > 0 ? { attachmentIds: ids } : {}) };
    const known = item.tried.some((t) => JSON.stringify(t) === JSON.stringify(input));
    await outbox.put({ ...item, tried: known ? item.tried : [...item.tried, input] });
    const answer = await ask(item, input);
    if (onceMore && filesGone(answer.problems, item.photos)) return await sendOne({ ...item, photos: asNew(item.photos), tried: [] }, false);
    if (answer.problems.length > 0) {
      await outbox.put({ ...item, state: "refused", tried: [], refused: answer.problems });
    } else {
      const result = { number: answer.case?.number ?? null, caseId: answer.case?.id ?? null, trackingCode: answer.trackingCode, notice: answer.notice };
      await outbox.put({ ...item, state: "sent", photos: [], result, sentAt: new Date().toISOString() });
    }
    return "answered";
  } catch (error) {
    const kind = error instanceof RequestFailure ? error.kind : "broken";
    const latest = (await (await database()).get("outbox", item.key)) ?? item;
    if (error instanceof FileRefused) {
      if (onceMore && error.code === "NOT_FOUND") return await sendOne({ ...latest, photos: asNew(latest.photos) }, false);
      await outbox.put({ ...latest, state: "refused", refused: [{ code: error.code, message: error.message, path: ["attachmentIds"] }] });
      return "answered";
    }
    if (kind === "broken" || kind === "forbidden" || kind === "not-found") {
      const detail = error instanceof RequestFailure ? error.detail : String(error);
      await outbox.put({ ...latest, state: "refused", refused: [{ code: kind, message: detail, path: null }] });
      return "answered";
    }
    await outbox.put({ ...latest, state: "waiting" });
    return kind === "signed-out" ? "signed-out" : "no-signal";
  }
}

async function deliverAll(): Promise<void> {
  clearTimeout(timer);
  if (account === null) return;
  const rows = await (await database()).getAllFromIndex("outbox", "account", account);
  // "sending" is left behind by a page that was closed in the middle; its key makes sending it again harmless.
  const open = rows.filter((r) => r.state === "waiting" || r.state === "sending").sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  for (const item of open) {
    const outcome = await sendOne(item);
    if (outcome === "signed-out") return;
    if (outcome === "no-signal") {
      timer = setTimeout(() => void deliver(), pause);
      pause = Math.min(pause * 2, 300_000);
      return;
    }
    pause = 5_000;
  }
}

let running: Promise<void> | null = null;
let again = false;

async function run(): Promise<void> {
  while (again) {
    again = false;
    if ("locks" in navigator) await navigator.locks.request("gridloom-outbox", deliverAll);
    else await deliverAll();
  }
}
/** Sends what waits, oldest first, in one tab at a time. Called while it runs, it runs once more; done when nothing more can be sent now. */
export function deliver(): Promise<void> {
  again = true;
  running ??= run().finally(() => { running = null; });
  return running;
}

/** Wakes delivery when the signal or the reader comes back. */
function watchSignal(): void {
  if (watching) return;
  watching = true;
  const wake = () => { pause = 5_000; void deliver(); };
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") wake(); });
  void navigator.storage?.persist?.();
}
