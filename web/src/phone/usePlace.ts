import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { gridAt } from "../api/queries";
import type { Person } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import type { Place } from "./PlaceSheet";

export interface Located { readonly location?: { readonly longitude: number; readonly latitude: number }; readonly gridCode?: string; readonly name: string }
export type PlaceState = "locating" | "found" | "own-grid" | "outside" | "none";

const ownGrids = (person: Person): readonly Place[] => [...new Map(person.posts.flatMap((p) => (p.grid ? [[p.grid.code, { code: p.grid.code, name: p.grid.name }] as const] : []))).values()];

function position(): Promise<GeolocationPosition> {
  return new Promise((done, fail) => {
    if (!("geolocation" in navigator)) fail(new Error("no geolocation"));
    else navigator.geolocation.getCurrentPosition(done, fail, { enableHighAccuracy: true, timeout: 8_000, maximumAge: 60_000 });
  });
}

/** Where the report is from: the device's position and its grid; without position the reader's own grid. `wanted` starts it. */
export function usePlace(person: Person, wanted: boolean, take: (place: Located) => void) {
  const client = useQueryClient();
  const [state, setState] = useState<PlaceState>("none");
  const own = ownGrids(person);
  const first = own[0];
  const locate = useCallback(async () => {
    setState("locating");
    const fallBack = (next: PlaceState) => {
      setState(first ? next : "none");
      take(first ? { gridCode: first.code, name: first.name } : { name: "" });
    };
    try {
      const { coords } = await position();
      const location = { longitude: Number(coords.longitude.toFixed(6)), latitude: Number(coords.latitude.toFixed(6)) };
      try {
        const grid = await client.fetchQuery(gridAt(location.longitude, location.latitude));
        if (!grid) return fallBack("outside");
        take({ location, gridCode: grid.code, name: grid.name });
      } catch {
        // Without signal the server will find the grid of the position when the report arrives.
        take({ location, name: t("place-point") });
      }
      setState("found");
    } catch { fallBack("own-grid"); }
  }, [client, first, take]);
  useEffect(() => { if (wanted) void locate(); }, [wanted]); // eslint-disable-line react-hooks/exhaustive-deps
  return { state, own, locate };
}
