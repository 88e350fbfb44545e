import { language } from "../i18n/language";
import { bodyOf, isUnknown } from "./client";
import type { Document, GraphQLAnswer } from "./client";

export type LiveState = "live" | "polling";

/** Splits a stream of server-sent events into (event, data) pairs; `rest` is the unfinished tail. */
export function splitEvents(text: string): { events: { event: string; data: string }[]; rest: string } {
  const blocks = text.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.map((block) => {
    const lines = block.split("\n");
    const event = lines.find((l) => l.startsWith("event:"))?.slice(6).trim() ?? "message";
    const data = lines.filter((l) => l.startsWith("data:")).map((l) => l.slice(5).trim()).join("\n");
    return { event, data };
  }).filter((e) => e.data !== "" || e.event === "complete");
  return { events, rest };
}

async function readStream<R>(response: Response, onNext: (data: R) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let tail = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, rest } = splitEvents(tail + value);
    tail = rest;
    for (const { event, data } of events) {
      if (event === "complete") return;
      if (event !== "next") continue;
      const answer = JSON.parse(data) as GraphQLAnswer<R>;
      if (isUnknown(answer)) return;
      if (answer.errors?.length) throw new Error("the subscription was refused");
      if (answer.data) onNext(answer.data);
    }
  }
}

interface Follow<R, V> {
  readonly document: Document<R, V>;
  /** Asked anew at each connection, so that it can resume behind the last cursor. */
  readonly variables: () => V;
  readonly onNext: (data: R) => void;
  readonly onState: (state: LiveState) => void;
}

/** Follows a subscription for as long as the page lives; breaks are answered with ever longer pauses. Returns the way to stop. */
export function follow<R, V>({ document, variables, onNext, onState }: Follow<R, V>): () => void {
  const stop = new AbortController();
  let pause = 1_000;
  const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        const response = await fetch("/graphql", {
          method: "POST", credentials: "same-origin", signal: stop.signal,
          headers: { "Content-Type": "application/json", Accept: "text/event-stream", "Accept-Language": language.current() },
          body: await bodyOf(document, variables()),
        });
        if (response.status === 401) return;
        if (!response.ok || !response.headers.get("Content-Type")?.includes("text/event-stream")) throw new Error("no stream");
        onState("live");
        pause = 1_000;
        await readStream(response, onNext);
      } catch {
        if (stop.signal.aborted) return;
      }
      onState("polling");
      await wait(pause);
      pause = Math.min(pause * 2, 60_000);
    }
  };
  void run();
  return () => stop.abort();
}
