import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { describe, expect, test } from "vitest";

const src = new URL("../src", import.meta.url).pathname;
const read = (file: string) => readFileSync(join(src, file), "utf8");
const ids = (file: string) => [...read(`i18n/${file}`).matchAll(/^([a-zA-Z][\w-]*) = /gm)].map((m) => m[1] ?? "");
const sources = readdirSync(src, { recursive: true }).map(String).filter((f) => /\.tsx?$/.test(f) && !/documents/.test(f));
const used = (text: string) => new Set([
  ...[...text.matchAll(/\bt\(\s*([^()]*?)[,)]/g)].flatMap((call) => [...(call[1] ?? "").matchAll(/"([a-z][\w-]*)"/g)].map((m) => m[1] ?? "")),
  ...[...text.matchAll(/word: "([\w-]+)"/g)].map((m) => m[1] ?? ""),
]);
const core = ids("zh-CN.ftl");
const more = ids("zh-CN.more.ftl");

describe("texts", () => {
  test("English has exactly the Chinese ids, in the same files", () => {
    expect(ids("en.ftl").sort()).toEqual([...core].sort());
    expect(ids("en.more.ftl").sort()).toEqual([...more].sort());
  });
  test("no id is written twice", () => {
    const all = [...core, ...more];
    expect(all.filter((id, i) => all.indexOf(id) !== i)).toEqual([]);
  });
  test("both languages parse whole, with the same variables", () => {
    for (const part of ["", ".more"]) {
      const bundles = ["zh-CN", "en"].map((name) => {
        const bundle = new FluentBundle(name, { useIsolating: false });
        expect(bundle.addResource(new FluentResource(read(`i18n/${name}${part}.ftl`)))).toEqual([]);
        return bundle;
      });
      for (const id of part ? more : core) {
        const variables = bundles.map((b) => [...new Set([...JSON.stringify(b.getMessage(id)?.value).matchAll(/"type":"var","name":"(\w+)"/g)].map((m) => m[1]))].sort());
        expect(variables[0], id).toEqual(variables[1]);
      }
    }
  });
  test("every id that a source names exists", () => {
    const known = new Set([...core, ...more, "sent", "true"]);
    expect(sources.flatMap((f) => [...used(read(f))].filter((id) => !known.has(id)).map((id) => `${f}: ${id}`))).toEqual([]);
  });
  test("who uses a text of the second file loads it", () => {
    const later = new Set(more);
    const lacking = sources.filter((f) => [...used(read(f))].some((id) => later.has(id)) && !read(f).includes("i18n/more"));
    expect(lacking).toEqual([]);
  });
});
