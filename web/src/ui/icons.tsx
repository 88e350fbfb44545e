const paths = {
  inbox: "M4 13h4l1.5 3h5L16 13h4M4 13l2.5-8h11L20 13v6H4z",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  add: "M12 5v14M5 12h14",
  report: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c1-4 4-6 8-6s7 2 8 6",
  loom: "M5 4v16M12 4v16M19 4v16M3 8h18M3 16h18",
  building: "M4 20h16M6 20V9l6-4 6 4v11M10 20v-5h4v5",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l4 4",
  clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 2",
  place: "M12 21s7-6.2 7-11a7 7 0 10-14 0c0 4.800 7 11 7 11zM12 12a2 2 0 100-4 2 2 0 000 4z",
  camera: "M4 8h4l1.500-2h5L16 8h4v11H4zM12 16a3 3 0 100-6 3 3 0 000 6z",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  check: "M5 13l4 4L19 7",
  warn: "M12 4l9 16H3zM12 10v4M12 17h.01",
  offline: "M3 3l18 18M5 12a10 10 0 013-2M19 12a10 10 0 00-7-3M8.500 15.500a5 5 0 017 0M12 19h.01",
  outbox: "M12 15V4M8 8l4-4 4 4M4 14v6h16v-6",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01",
  sound: "M12 15a3 3 0 003-3V6a3 3 0 10-6 0v6a3 3 0 003 3zM6 11v1a6 6 0 0012 0v-1M12 18v3",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  help: "M9.500 9a2.500 2.500 0 113.500 2.300c-.7.4-1 1-1 1.700M12 17h.01M12 21a9 9 0 100-18 9 9 0 000 18z",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = "1.25em" }: { readonly name: IconName; readonly size?: string }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="1.75"
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={paths[name]} /></svg>
  );
}
