import { useEffect, useRef } from "react";
import { settings } from "./settings";

interface KeyLike {
  readonly code: string; readonly key: string; readonly keyCode: number; readonly isComposing: boolean;
  readonly ctrlKey: boolean; readonly metaKey: boolean; readonly altKey: boolean; readonly shiftKey: boolean; readonly target: EventTarget | null;
}

/** True while an input method is composing: then every key belongs to it. Chromium marks the first one only with keyCode 229. */
export const composing = (event: Pick<KeyLike, "isComposing" | "keyCode">): boolean => event.isComposing || event.keyCode === 229;

function typing(target: EventTarget | null): boolean {
  return target !== null && target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The name of a single-key command ("KeyJ", "Shift+Slash"), or null where the key is not meant for one. Matches the place of the key, not its letter. */
export function singleKey(event: KeyLike): string | null {
  if (composing(event) || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return null;
  if (event.target !== null && event.target instanceof Element && event.target.closest("[role=dialog],[role=alertdialog]")) return null;
  const presses = event.code === "Enter" || event.code === "Space";
  if (presses && event.target instanceof Element && event.target.closest("a,button,summary,[role=button]")) return null;
  return event.shiftKey ? `Shift+${event.code}` : event.code;
}

/** Binds single keys for as long as the component is shown. The reader can turn them off. */
export function useSingleKeys(commands: Readonly<Record<string, (() => void) | undefined>>): void {
  const latest = useRef(commands);
  useEffect(() => { latest.current = commands; });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!settings.current().keys || event.defaultPrevented) return;
      const name = singleKey(event);
      const command = name === null ? undefined : latest.current[name];
      if (!command) return;
      event.preventDefault();
      command();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
