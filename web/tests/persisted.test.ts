import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { CaseList } from "../src/api/documents";
import { ReportCase } from "../src/api/documents.steps";
import { texts } from "../src/api/documents.texts";

const manifest = JSON.parse(readFileSync(new URL("../src/api/documents.json", import.meta.url), "utf8")) as Record<string, string>;
const variables = { filter: null, first: 5, after: null };

// The module remembers what the server said: each test meets a fresh page.
async function freshPage() {
  vi.resetModules();
  return await import("../src/api/client");
}
function serverThat(answers: (body: { documentId?: string; query?: string }) => unknown) {
  const bodies: { documentId?: string; query?: string; variables?: unknown }[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as { documentId?: string; query?: string };
    bodies.push(body);
    return Promise.resolve(Response.json(answers(body)));
  });
  return bodies;
}
const unknown = { errors: [{ message: "?", extensions: { code: "PERSISTED_DOCUMENT_NOT_FOUND" } }] };
afterEach(() => vi.unstubAllGlobals());

test("every document is in the manifest under the digest of its text", () => {
  expect(Object.keys(manifest).length).toBeGreaterThan(30);
  expect(manifest).toEqual(texts);
  for (const [id, text] of Object.entries(manifest)) expect(id).toBe(`sha256:${createHash("sha256").update(text).digest("hex")}`);
  expect(manifest[CaseList.id]).toMatch(/^query CaseList/);
  expect(manifest[ReportCase.id]).toContain("fragment ProblemCore on Problem");
});

test("a request carries the digest and no text", async () => {
  const { request } = await freshPage();
  const bodies = serverThat(() => ({ data: { cases: 1 } }));
  expect(await request(CaseList, variables)).toEqual({ cases: 1 });
  expect(bodies).toEqual([{ documentId: CaseList.id, variables }]);
});

test("a server that does not know a document gets its text, and the text of every later one", async () => {
  const { request } = await freshPage();
  const bodies = serverThat((body) => (body.documentId ? unknown : { data: { cases: 2 } }));
  expect(await request(CaseList, variables)).toEqual({ cases: 2 });
  expect(await request(CaseList, variables)).toEqual({ cases: 2 });
  expect(bodies.map((b) => b.documentId ?? b.query)).toEqual([CaseList.id, manifest[CaseList.id], manifest[CaseList.id]]);
});

test("a refusal of the text is a failure, not a loop", async () => {
  const { request } = await freshPage();
  const bodies = serverThat((body) => (body.documentId ? unknown : { errors: [{ message: "只接受自身页面的查询文档", extensions: { code: "PERSISTED_DOCUMENT_ONLY" } }] }));
  await expect(request(CaseList, variables)).rejects.toMatchObject({ kind: "outdated" });
  expect(bodies.length).toBe(2);
});

test("requests that were on their way together all get their answer", async () => {
  const { request } = await freshPage();
  serverThat((body) => (body.documentId ? unknown : { data: { cases: 3 } }));
  expect(await Promise.all([request(CaseList, variables), request(CaseList, variables)])).toEqual([{ cases: 3 }, { cases: 3 }]);
});
