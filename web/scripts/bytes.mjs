// What a page loads before it can be used: gzip bytes of the entry, its style sheets, the page's chunk and all they import statically.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 6 }).length;

export function firstLoad(...sources) {
  const seen = new Set();
  const files = new Set();
  const walk = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) walk(next);
  };
  for (const source of sources) walk(source);
  return [...files].map((file) => ({ file, bytes: size(file) })).sort((a, b) => b.bytes - a.bytes);
}
const pages = {
  "sign-in": ["index.html", "src/pages/SignIn.tsx"],
  desk: ["index.html", "src/shell/Shell.tsx", "src/pages/Inbox.tsx"],
  phone: ["index.html", "src/shell/Shell.tsx", "src/pages/Report.tsx"],
};
const report = Object.fromEntries(Object.entries(pages).map(([page, sources]) => {
  const files = firstLoad(...sources);
  return [page, { bytes: files.reduce((sum, f) => sum + f.bytes, 0), files }];
}));
console.log(JSON.stringify(report, null, process.argv.includes("--long") ? 2 : 0));
