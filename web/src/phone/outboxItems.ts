import { useSyncExternalStore } from "react";
import type { ReportCaseInput } from "../api/documents";

export type OutboxState = "draft" | "waiting" | "sending" | "refused" | "sent";
/** A picture, or a voice note (then with `seconds`). `key` makes sending it again harmless; `id` is the server's, once it is there. */
export interface Photo { readonly name: string; readonly blob: Blob; readonly bytesBefore: number; readonly key?: string; readonly id?: string; readonly seconds?: number }
export interface Refused { readonly code: string; readonly message: string; readonly path: readonly string[] | null }

/** One report on this device. `key` is the idempotency key: it stays the same however often the report is sent. */
export interface OutboxItem {
  readonly key: string;
  readonly account: string;
  readonly state: OutboxState;
  readonly itemName: string;
  readonly placeName: string;
  readonly input: Omit<ReportCaseInput, "key" | "attachmentIds">;
  readonly photos: readonly Photo[];
  readonly createdAt: string;
  readonly tries: number;
  /** What earlier attempts carried, so that an edited report can still ask for the answer to the form that arrived. */
  readonly tried: readonly ReportCaseInput[];
  readonly refused?: readonly Refused[];
  readonly result?: { readonly number: string | null; readonly caseId: string | null; readonly trackingCode: string | null; readonly notice: string | null };
  readonly sentAt?: string;
}

const listeners = new Set<() => void>();
let seen: readonly OutboxItem[] = [];

/** What this device holds of the signed-in account, newest first; kept up by outbox.ts, which is loaded only where reports are written. */
export const outboxItems = {
  read: (): readonly OutboxItem[] => seen,
  show(items: readonly OutboxItem[]): void { seen = items; for (const listener of listeners) listener(); },
  subscribe: (listener: () => void) => { listeners.add(listener); return () => listeners.delete(listener); },
};
export const useOutbox = (): readonly OutboxItem[] => useSyncExternalStore(outboxItems.subscribe, outboxItems.read);
