import { FluentBundle } from "@fluent/bundle";
import type { FluentResource, FluentVariable } from "@fluent/bundle";
import { useSyncExternalStore } from "react";
import zh from "./zh-CN.ftl";

export type Language = "zh-CN" | "en";
export type Words = Record<string, FluentVariable>;

const stored = "gridloom.language";
const listeners = new Set<() => void>();
const bundles = new Map<Language, FluentBundle>();
let current: Language = "zh-CN";

/** Adds texts, already parsed by the build, to a language. */
export function add(name: Language, texts: FluentResource): void {
  let bundle = bundles.get(name);
  if (!bundle) bundles.set(name, bundle = new FluentBundle(name, { useIsolating: false }));
  bundle.addResource(texts, { allowOverrides: true });
}
add("zh-CN", zh);

async function choose(name: Language): Promise<void> {
  if (name === "en" && !bundles.has(name)) for (const part of await Promise.all([import("./en.ftl"), import("./en.more.ftl")])) add(name, part.default);
  current = name;
  document.documentElement.lang = name;
  localStorage.setItem(stored, name);
  for (const listener of listeners) listener();
}

export const language = {
  current: (): Language => current,
  choose,
  /** The language of the last visit, before the first paint. */
  restore: (): Promise<void> => choose(localStorage.getItem(stored) === "en" ? "en" : "zh-CN"),
  subscribe: (listener: () => void) => { listeners.add(listener); return () => listeners.delete(listener); },
};

/** The text of a message; Chinese where the language has none, the id itself where nobody has (a unit test keeps that out). */
export function t(id: string, words?: Words): string {
  for (const name of [current, "zh-CN"] as const) {
    const bundle = bundles.get(name);
    const pattern = bundle?.getMessage(id)?.value;
    if (bundle && pattern) return bundle.formatPattern(pattern, words);
  }
  return id;
}

/** Text of a code; the code itself where there is none, because plugins bring codes of their own. */
export function code(prefix: string, value: string): string {
  const id = `${prefix}-${value.replace(/[^A-Za-z0-9_-]/g, "_")}`;
  const text = t(id);
  return text === id ? value : text;
}

export function useLanguage(): Language {
  return useSyncExternalStore(language.subscribe, language.current);
}
