import { RequestFailure, send } from "./client";

/** A file as the server keeps it. */
export interface KeptFile { readonly id: string; readonly name: string; readonly mediaType: string; readonly bytes: number; readonly url: string; readonly thumbnailUrl: string | null }

/** The server will not take this file, however often it is sent; `message` says why, in the reader's language. */
export class FileRefused extends Error {
  constructor(readonly code: string, message: string) { super(message); this.name = "FileRefused"; }
}

// A photograph of 400 KB takes minutes where the signal is thin.
const patienceMs = 300_000;

/** Sends one file. With the same key it is the same file, however often it is sent. Throws RequestFailure or FileRefused. */
export async function sendFile(blob: Blob, name: string, key: string): Promise<KeptFile> {
  const form = new FormData();
  form.append("key", key);
  form.append("file", blob, name);
  const response = await send("/files", { method: "POST", body: form }, undefined, patienceMs);
  if (response.ok) return await response.json() as KeptFile;
  const detail = `files: HTTP ${response.status}`;
  if (response.status === 401) throw new RequestFailure("signed-out", detail);
  if (response.status === 429 || response.status === 503) throw new RequestFailure("busy", detail);
  if (response.status >= 500 && response.status !== 507) throw new RequestFailure("offline", detail);
  const { problem } = await response.json().catch(() => ({})) as { problem?: { code: string; message: string } };
  throw problem ? new FileRefused(problem.code, problem.message) : new RequestFailure("broken", detail);
}
