import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { database } from "../src/phone/database";
import { deliver, outbox } from "../src/phone/outbox";
import { outboxItems } from "../src/phone/outboxItems";
import type { OutboxItem } from "../src/phone/outboxItems";

// The other end of the wire, which can lose a request or an answer. The real server stands there in tests/browser.
const server = { cases: new Map<string, string>(), files: new Map<string, string>(), swept: new Set<string>(), asked: [] as string[], loseRequests: 0, loseAnswers: 0 };

function keep(form: FormData): Response {
  const key = String(form.get("key"));
  const name = (form.get("file") as File).name;
  if (name === "坏.jpg") return Response.json({ problem: { code: "VALIDATION", message: "文件已损坏" } }, { status: 400 });
  const known = server.files.get(key);
  const id = known ?? `file-${server.files.size + 1}`;
  server.files.set(key, id);
  if (server.loseAnswers > 0) { server.loseAnswers -= 1; throw new TypeError("network changed"); }
  if (server.swept.has(id)) return Response.json({ problem: { code: "NOT_FOUND", message: "已清理" } }, { status: 404 });
  return Response.json({ id, name, mediaType: "image/jpeg", bytes: 3, url: "", thumbnailUrl: "" }, { status: known === undefined ? 201 : 200 });
}

function answer(path: string, init: RequestInit): Response {
  if (server.loseRequests > 0) { server.loseRequests -= 1; throw new TypeError("Failed to fetch"); }
  if (path === "/files") return keep(init.body as FormData);
  const { key, ...content } = (JSON.parse(String(init.body)) as { variables: { input: { key: string; description: string; attachmentIds?: readonly string[] } } }).variables.input;
  server.asked.push(key);
  const body = JSON.stringify(content);
  const known = server.cases.get(key);
  const problems = content.attachmentIds?.some((id) => server.swept.has(id)) ? [{ code: "NOT_FOUND", message: "", path: ["attachmentIds"] }] : content.description === "空" ? [{ code: "VALIDATION", message: "太短", path: ["description"] }] : known !== undefined && known !== body ? [{ code: "KEY_REUSED", message: "", path: ["key"] }] : [];
  if (problems.length === 0) server.cases.set(key, body);
  if (server.loseAnswers > 0) { server.loseAnswers -= 1; throw new TypeError("network changed"); }
  const number = [...server.cases.keys()].indexOf(key) + 1;
  return Response.json({ data: { reportCase: { case: problems.length ? null : { id: `case-${number}`, number: `N-${number}`, title: "", status: "REPORTED" }, trackingCode: null, notice: null, replayed: known !== undefined, problems } } });
}

const item = (key: string, description = "路灯不亮"): OutboxItem => ({
  key, account: "532925:u1", state: "waiting", itemName: "", placeName: "", photos: [], createdAt: `2026-11-23T00:00:0${key}Z`, tries: 0, tried: [],
  input: { description, workItemCode: "C-01", channel: "GRID_PHONE" },
});
const states = () => outboxItems.read().map((i) => [i.key, i.state, i.result?.number ?? null]);

beforeEach(async () => {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => answer(path, init));
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("document", { addEventListener: () => undefined, documentElement: {}, visibilityState: "visible" });
  Object.assign(server, { cases: new Map(), files: new Map(), swept: new Set(), asked: [], loseRequests: 0, loseAnswers: 0 });
  await outbox.open("532925:u1");
});
afterEach(async () => { outbox.close(); await (await database()).clear("outbox"); });

test("a lost answer is asked for again with the same key: one case", async () => {
  server.loseAnswers = 1;
  await outbox.put(item("1"));
  await deliver();
  expect(states()).toEqual([["1", "waiting", null]]);
  await deliver();
  expect(states()).toEqual([["1", "sent", "N-1"]]);
  expect(server.asked).toEqual(["1", "1"]);
  expect(server.cases.size).toBe(1);
});

test("without signal everything waits; then the oldest goes first", async () => {
  server.loseRequests = 1;
  await outbox.put(item("2"));
  await outbox.put(item("1"));
  await deliver();
  expect(states().map(([, state]) => state)).toEqual(["waiting", "waiting"]);
  await deliver();
  expect(server.asked).toEqual(["1", "2"]);
});

test("edited after its answer was lost: the form that arrived is answered, no second case", async () => {
  server.loseAnswers = 1;
  await outbox.put(item("1"));
  await deliver();
  const waiting = outboxItems.read()[0];
  if (!waiting) throw new Error("nothing waits");
  await outbox.put({ ...waiting, input: { ...waiting.input, description: "路灯不亮，已有人摔倒" } });
  await deliver();
  expect(states()).toEqual([["1", "sent", "N-1"]]);
  expect(server.cases.size).toBe(1);
});

test("a refusal stays with its reasons, and does not stop the others", async () => {
  await outbox.put(item("1", "空"));
  await outbox.put(item("2"));
  await deliver();
  expect(states()).toEqual([["2", "sent", "N-1"], ["1", "refused", null]]);
  expect(outboxItems.read()[1]?.refused).toEqual([{ code: "VALIDATION", message: "太短", path: ["description"] }]);
});

test("another account on the same device neither sees nor sends it", async () => {
  server.loseRequests = 1;
  await outbox.put(item("1"));
  await deliver();
  outbox.close();
  await outbox.open("532925:u2");
  await deliver();
  expect(states()).toEqual([]);
  expect(server.asked).toEqual([]);
});

const photo = (name: string, more: object = {}) => ({ name, blob: new Blob(["jpg"], { type: "image/jpeg" }), bytesBefore: 9, key: `k-${name}`, ...more });
const attached = () => [...server.cases.values()].map((body) => (JSON.parse(body) as { attachmentIds?: readonly string[] }).attachmentIds);

test("a picture whose answer was lost is sent again under its key: one file, one case", async () => {
  server.loseAnswers = 1;
  await outbox.put({ ...item("1"), photos: [photo("a.jpg"), photo("录音1.webm", { seconds: 3 })] });
  await deliver();
  expect(states()).toEqual([["1", "waiting", null]]);
  await deliver();
  expect(states()).toEqual([["1", "sent", "N-1"]]);
  expect([...server.files]).toEqual([["k-a.jpg", "file-1"], ["k-录音1.webm", "file-2"]]);
  expect(attached()).toEqual([["file-1", "file-2"]]);
});

test("a picture noted before pictures had keys gets one, and keeps it", async () => {
  server.loseAnswers = 1;
  await outbox.put({ ...item("1"), photos: [photo("a.jpg", { key: undefined })] });
  await deliver();
  await deliver();
  expect(server.files.size).toBe(1);
  expect(attached()).toEqual([["file-1"]]);
});

test("a picture the server will not take says why; taken off, the report goes", async () => {
  await outbox.put({ ...item("1"), photos: [photo("坏.jpg"), photo("b.jpg")] });
  await deliver();
  const refused = outboxItems.read()[0];
  if (!refused) throw new Error("nothing is there");
  expect([refused.state, refused.refused]).toEqual(["refused", [{ code: "VALIDATION", message: "文件已损坏", path: ["attachmentIds"] }]]);
  await outbox.put({ ...refused, state: "waiting", refused: [], photos: refused.photos.filter((p) => p.name !== "坏.jpg") });
  await deliver();
  expect(states()).toEqual([["1", "sent", "N-1"]]);
  expect(attached()).toEqual([["file-1"]]);
});

test("files that were cleared away while the phone was off are sent anew", async () => {
  server.swept.add("file-7").add("file-1");
  server.files.set("k-b.jpg", "file-1");
  await outbox.put({ ...item("1"), photos: [photo("a.jpg", { id: "file-7" })] });
  await outbox.put({ ...item("2"), photos: [photo("b.jpg")] });
  await deliver();
  expect(states().map(([, state]) => state)).toEqual(["sent", "sent"]);
  expect(attached()).toEqual([["file-2"], ["file-3"]]);
});
