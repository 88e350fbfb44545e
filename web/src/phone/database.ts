import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";
import type { OutboxItem } from "./outboxItems";

interface Shape extends DBSchema {
  outbox: { key: string; value: OutboxItem; indexes: { account: string } };
  kept: { key: string; value: unknown };
}

let opened: Promise<IDBPDatabase<Shape>> | null = null;

/** This device's store: reports not yet delivered, and copies of what a phone needs without signal. */
export function database(): Promise<IDBPDatabase<Shape>> {
  opened ??= openDB<Shape>("gridloom", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "key" }).createIndex("account", "account");
      db.createObjectStore("kept");
    },
  });
  return opened;
}
