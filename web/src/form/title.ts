const longest = 36;

/** The first sentence of a report as its title: lists shall say what happened, not the item's name over and over. Nothing for what is protected. */
export function titleOf(description: string, item: { readonly protection: readonly string[]; readonly clue: boolean } | undefined): string | undefined {
  if (!item || item.clue || item.protection.length > 0) return undefined;
  const first = description.trim().split(/[。！？!?；;\n]/u)[0]?.trim() ?? "";
  if (first.length < 4) return undefined;
  return first.length <= longest ? first : `${first.slice(0, longest - 1)}…`;
}
