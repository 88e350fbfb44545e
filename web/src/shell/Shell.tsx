import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouteContext } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { t } from "../i18n/language";
import { useOutbox } from "../phone/outboxItems";
import { Icon } from "../ui/icons";
import { composing, useSingleKeys } from "./keys";
import { watchCases } from "./live";
import { useOnline } from "./signal";
import { atCentre, atUnit, onPhone, places } from "./roles";

const Palette = lazy(() => import("./Palette"));
const CheatSheet = lazy(() => import("./CheatSheet"));

function OfflineLine() {
  const online = useOnline();
  const waiting = useOutbox().filter((i) => i.state === "waiting" || i.state === "sending").length;
  if (online && waiting === 0) return null;
  return (
    <p className="offline-line" role="status">
      <Icon name={online ? "outbox" : "offline"} size="1.1em" />{online ? t("sending-n", { n: waiting }) : waiting > 0 ? t("waiting-signal-n", { n: waiting }) : t("offline-line")}
    </p>
  );
}

/** The frame of every page: places of the reader's roles at the side (at the bottom on a phone), the state of the line, the page. */
export default function Shell() {
  const { person } = useRouteContext({ from: "/inside" });
  const client = useQueryClient();
  const [shown, setShown] = useState<"palette" | "keys" | null>(null);
  useEffect(() => watchCases(client), [client]);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (composing(event) || event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setShown("palette");
    };
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, []);
  useSingleKeys({ "Shift+Slash": () => setShown("keys") });
  const desk = atCentre(person) || atUnit(person);
  const post = person.posts[0];
  return (
    <div className={`shell ${onPhone(person) ? "shell-phone" : ""}`}>
      <a className="skip" href="#page">{t("skip")}</a>
      <nav className="nav" aria-label={t("navigation")}>
        <div className="brand"><Icon name="loom" size="1.75rem" /><div><strong>{t("product")}</strong><small>{person.county?.name ?? t("platform")}</small></div></div>
        <ul>
          {places(person).map((place) => (
            <li key={place.to}><Link to={place.to} className="nav-link" activeProps={{ className: "nav-link nav-here", "aria-current": "page" }}><Icon name={place.icon} /><span>{t(place.word)}</span></Link></li>
          ))}
        </ul>
        {desk && <button type="button" className="nav-palette" onClick={() => setShown("palette")}><Icon name="search" size="1em" />{t("palette-open")}<kbd>Ctrl K</kbd></button>}
        <p className="nav-who"><strong>{person.name}</strong><small>{post?.organization?.name ?? post?.grid?.name ?? ""}</small></p>
      </nav>
      <div className="stage-area"><OfflineLine /><Outlet /></div>
      {shown && <Suspense fallback={null}>{shown === "palette" ? <Palette person={person} close={() => setShown(null)} /> : <CheatSheet close={() => setShown(null)} />}</Suspense>}
    </div>
  );
}
