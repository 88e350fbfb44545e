import { language } from "../i18n/language";

/** A GraphQL operation by its digest, with the types of its answer and of its variables; written by scripts/documents.mjs. */
export interface Document<Result, Variables> {
  readonly name: string;
  readonly id: string;
  readonly types?: (variables: Variables) => Result;
}

export type FailureKind = "offline" | "signed-out" | "forbidden" | "not-found" | "busy" | "broken" | "outdated";

/** Why no answer came. `kind` picks the sentence that tells the reader what to do; `trace` is what support asks for. */
export class RequestFailure extends Error {
  constructor(readonly kind: FailureKind, readonly detail: string, readonly trace: string | null = null) {
    super(`${kind}: ${detail}`);
    this.name = "RequestFailure";
  }
}

export interface GraphQLAnswer<R> {
  data?: R | null;
  errors?: readonly { message: string; extensions?: { code?: string; traceId?: string; trace?: string } }[];
}

const kinds: Record<string, FailureKind> = {
  UNAUTHENTICATED: "signed-out", FORBIDDEN: "forbidden", NOT_FOUND: "not-found", LIMIT_EXCEEDED: "busy", PERSISTED_DOCUMENT_ONLY: "outdated",
};
const patienceMs = 20_000;
const signedOutListeners = new Set<() => void>();

/** Called whenever the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

function failureOfStatus(status: number, detail: string): RequestFailure {
  if (status === 401) return new RequestFailure("signed-out", detail);
  if (status === 403) return new RequestFailure("forbidden", detail);
  if (status === 404) return new RequestFailure("not-found", detail);
  if (status === 429 || status === 503) return new RequestFailure("busy", detail);
  if (status === 502 || status === 504) return new RequestFailure("offline", detail);
  return new RequestFailure("broken", detail);
}

export async function send(path: string, init: RequestInit, signal?: AbortSignal, patience = patienceMs): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const pass = () => stop.abort();
  signal?.addEventListener("abort", pass);
  const headers = { "Accept-Language": language.current(), ...init.headers };
  try {
    return await fetch(path, { credentials: "same-origin", ...init, headers, signal: stop.signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFailure("offline", String(error));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", pass);
  }
}

// A server from before or after this build does not know its documents: from then on they are sent whole.
let whole = false;
const codeOf = (answer: GraphQLAnswer<unknown> | null) => answer?.errors?.[0]?.extensions?.code;

/** Whether the server does not know the document that was sent by its digest; what is sent from here on is sent whole. */
export function isUnknown(answer: GraphQLAnswer<unknown> | null): boolean {
  const unknown = codeOf(answer) === "PERSISTED_DOCUMENT_NOT_FOUND";
  whole ||= unknown;
  return unknown;
}

/** What is sent for an operation: its digest, or its text to a server that does not know it. */
export async function bodyOf<R, V>(document: Document<R, V>, variables: V): Promise<string> {
  if (!whole) return JSON.stringify({ documentId: document.id, variables });
  const { texts } = await import("./documents.texts");
  return JSON.stringify({ query: texts[document.id], variables });
}

async function ask<R, V>(document: Document<R, V>, variables: V, signal?: AbortSignal, again = true): Promise<{ response: Response; answer: GraphQLAnswer<R> | null }> {
  const response = await send("/graphql", {
    method: "POST", body: await bodyOf(document, variables), headers: { "Content-Type": "application/json", Accept: "application/json" },
  }, signal);
  const answer = await response.json().catch(() => null) as GraphQLAnswer<R> | null;
  return isUnknown(answer) && again ? ask(document, variables, signal, false) : { response, answer };
}

/** One operation, one answer. Throws RequestFailure; refusals of a step are in the answer's `problems`. */
export async function request<R, V>(document: Document<R, V>, variables: V, signal?: AbortSignal): Promise<R> {
  const { response, answer } = await ask(document, variables, signal);
  const error = answer?.errors?.[0];
  if (!error && response.ok && answer?.data) return answer.data;
  const trace = error?.extensions?.traceId ?? error?.extensions?.trace ?? null;
  const failure = error && kinds[error.extensions?.code ?? ""]
    ? new RequestFailure(kinds[error.extensions?.code ?? ""] ?? "broken", error.message, trace)
    : response.ok ? new RequestFailure("broken", error?.message ?? "no answer", trace) : failureOfStatus(response.status, error?.message ?? `HTTP ${response.status}`);
  if (failure.kind === "signed-out") for (const listener of signedOutListeners) listener();
  throw failure;
}

export interface SignInProblem { readonly code: string; readonly message: string }

/** Null when signed in; else what the server said. The cookie is the server's business. */
export async function signIn(county: string, account: string, password: string, code?: string): Promise<SignInProblem | null> {
  const response = await send("/auth/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(code ? { county, account, password, code } : { county, account, password }),
  });
  if (response.ok) return null;
  const answer = await response.json().catch(() => null) as { problem?: SignInProblem; code?: string; message?: string } | null;
  if (response.status !== 401 && response.status !== 400 && response.status !== 422 && response.status !== 429) {
    throw failureOfStatus(response.status, `HTTP ${response.status}`);
  }
  return { code: answer?.problem?.code ?? answer?.code ?? String(response.status), message: answer?.problem?.message ?? answer?.message ?? "" };
}

export async function signOut(): Promise<void> {
  await send("/auth/sign-out", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
}
