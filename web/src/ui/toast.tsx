import { useSyncExternalStore } from "react";
import { Icon } from "./icons";

interface Toast { readonly id: number; readonly text: string }
let shown: Toast | null = null;
let count = 0;
const listeners = new Set<() => void>();
const tell = () => { for (const listener of listeners) listener(); };

/** One short line about what was just done. It names its case, and leaves by itself. */
export function say(text: string): void {
  const toast = { id: ++count, text };
  shown = toast;
  tell();
  setTimeout(() => { if (shown?.id === toast.id) { shown = null; tell(); } }, 5_000);
}

export function Toasts() {
  const toast = useSyncExternalStore((l) => { listeners.add(l); return () => listeners.delete(l); }, () => shown);
  return <div className="toasts" role="status" aria-live="polite">{toast && <div key={toast.id} className="toast"><Icon name="check" />{toast.text}</div>}</div>;
}
