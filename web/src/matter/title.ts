/** A title without the item's name in front, which stands beside it anyway. */
export function shortTitle(title: string, item: string): string {
  const rest = title.startsWith(item) ? title.slice(item.length).replace(/^[:：\s]+/u, "") : title;
  return rest === "" ? title : rest;
}
