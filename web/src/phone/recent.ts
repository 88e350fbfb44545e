const stored = "gridloom.items";

/** The items this device reported last, newest first. */
export function recentCodes(): readonly string[] {
  try { return JSON.parse(localStorage.getItem(stored) ?? "[]") as string[]; } catch { return []; }
}
export function rememberItem(itemCode: string): void {
  localStorage.setItem(stored, JSON.stringify([itemCode, ...recentCodes().filter((c) => c !== itemCode)].slice(0, 6)));
}
