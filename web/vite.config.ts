import { readFileSync } from "node:fs";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { FluentResource } from "@fluent/bundle";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Puts the list of built files into the service worker, so that the phone's pages open without signal. */
function offlineShell(): Plugin {
  return {
    name: "offline-shell", apply: "build",
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((f) => /\.(js|css)$/.test(f)).map((f) => `/${f}`).sort();
      const source = readFileSync(new URL("src/sw.js", import.meta.url), "utf8").replace("/*FILES*/", JSON.stringify(["/", "/icon.svg", "/manifest.webmanifest", ...files]).slice(1, -1));
      const version = files.join().split("").reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) >>> 0, 7).toString(36);
      this.emitFile({ type: "asset", fileName: "sw.js", source: source.replace("/*VERSION*/", version) });
    },
  };
}

/** The documents that the app sends by their digest, for the server. */
function persistedDocuments(): Plugin {
  return {
    name: "persisted-documents", apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "documents.json", source: readFileSync(new URL("src/api/documents.json", import.meta.url), "utf8") });
    },
  };
}

/** Texts are parsed when the app is built: the reader's browser gets no parser. */
function fluent(): Plugin {
  return {
    name: "fluent",
    transform: { filter: { id: /\.ftl$/ }, handler: (text) => ({ code: `export default ${JSON.stringify({ body: new FluentResource(text).body })}`, map: null, moduleType: "js" }) },
  };
}

const api = process.env["GRIDLOOM_API"] ?? "http://localhost:8000";
export default defineConfig({
  plugins: [{ ...optimizeLocales.vite({ locales: ["zh-CN", "en-US"] }), enforce: "pre" } as Plugin, fluent(), react(), offlineShell(), persistedDocuments()],
  build: { target: "es2023", manifest: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: Object.fromEntries(["/graphql", "/auth", "/files"].map((path) => [path, { target: api, changeOrigin: true }])) },
  test: { include: ["tests/**/*.test.ts"] },
});
