import { useSyncExternalStore } from "react";

interface Settings { readonly large: boolean; readonly keys: boolean; readonly dark: boolean }
const stored = "gridloom.settings";
const listeners = new Set<() => void>();

function read(): Settings {
  try {
    return { large: false, keys: true, dark: false, ...(JSON.parse(localStorage.getItem(stored) ?? "{}") as Partial<Settings>) };
  } catch {
    return { large: false, keys: true, dark: false };
  }
}
let current = typeof localStorage === "undefined" ? { large: false, keys: true, dark: false } : read();

function apply(): void {
  document.documentElement.dataset.size = current.large ? "large" : "normal";
  document.documentElement.dataset.theme = current.dark ? "dark" : "light";
}

/** What the reader chose for this device: size of type, single keys, dark. */
export const settings = {
  apply,
  current: (): Settings => current,
  change(part: Partial<Settings>): void {
    current = { ...current, ...part };
    localStorage.setItem(stored, JSON.stringify(current));
    apply();
    for (const listener of listeners) listener();
  },
};
const subscribe = (listener: () => void) => { listeners.add(listener); return () => listeners.delete(listener); };
export const useSettings = (): Settings => useSyncExternalStore(subscribe, settings.current);
