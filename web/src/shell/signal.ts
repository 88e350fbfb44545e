import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => { removeEventListener("online", listener); removeEventListener("offline", listener); };
}
/** Whether the device believes to be on a network. What really arrived is known only by its answer. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);
