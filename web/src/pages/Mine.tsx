import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useRouteContext } from "@tanstack/react-router";
import { useState } from "react";
import { signOut } from "../api/client";
import { code, language, t, useLanguage } from "../i18n/language";
import "../i18n/more";
import { forgetKept } from "../phone/kept";
import { useOutbox } from "../phone/outboxItems";
import { onPhone } from "../shell/roles";
import { settings, useSettings } from "../shell/settings";
import { Button, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";

function Switch({ label, hint, on, change }: { readonly label: string; readonly hint: string; readonly on: boolean; readonly change: (on: boolean) => void }) {
  return <label className="setting"><span><strong>{label}</strong><small className="muted">{hint}</small></span><input type="checkbox" role="switch" checked={on} onChange={(e) => change(e.target.checked)} /></label>;
}

/** Who I am here, how the page looks to me, and the way out. */
export default function Mine() {
  const { person } = useRouteContext({ from: "/inside" });
  const chosen = useSettings();
  const now = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const unsent = useOutbox().filter((i) => i.state !== "sent").length;
  const [failure, setFailure] = useState<string | null>(null);
  const leave = async () => {
    try {
      await signOut();
      await forgetKept();
      (await import("../phone/outbox")).outbox.close();
      await navigate({ to: "/sign-in" });
      client.clear();
    } catch (error) { setFailure(failureText(error)); }
  };
  return (
    <main id="page" className="page page-narrow">
      <header className="page-head"><h1>{t("nav-me")}</h1></header>
      <section className="card"><h2>{person.name}</h2>
        <ul className="posts">{person.posts.map((p, i) => <li key={i}>{code("staff", p.role)}<span className="muted">{[p.organization?.name, p.grid?.name].filter(Boolean).join(" · ")}</span></li>)}</ul></section>
      {(onPhone(person) || unsent > 0) && <Link to="/phone/outbox" className="card card-link"><Icon name="outbox" /><span>{t("outbox")}</span><span className="count tabular">{unsent}</span><Icon name="next" /></Link>}
      <section className="card settings"><h2>{t("settings")}</h2>
        <Switch label={t("setting-large")} hint={t("setting-large-hint")} on={chosen.large} change={(large) => settings.change({ large })} />
        <Switch label={t("setting-dark")} hint={t("setting-dark-hint")} on={chosen.dark} change={(dark) => settings.change({ dark })} />
        {!onPhone(person) && <Switch label={t("setting-keys")} hint={t("setting-keys-hint")} on={chosen.keys} change={(keys) => settings.change({ keys })} />}
        <div className="setting"><strong>{t("setting-language")}</strong><div className="segments" role="group" aria-label={t("setting-language")}>
          {(["zh-CN", "en"] as const).map((name) => <button key={name} type="button" lang={name} aria-pressed={now === name} onClick={() => void language.choose(name)}>{name === "en" ? "English" : "中文"}</button>)}</div></div>
      </section>
      {failure && <p className="problem" role="alert"><Icon name="warn" />{failure}</p>}
      {unsent > 0 && <p className="muted">{t("sign-out-unsent", { n: unsent })}</p>}
      <Button className="wide" onClick={() => void leave()}>{t("sign-out")}</Button>
    </main>
  );
}
