import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { FormEvent } from "react";
import { signIn } from "../api/client";
import { language, t, useLanguage } from "../i18n/language";
import "../i18n/more";
import { Button, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";

const stored = "gridloom.sign-in";
const last = (): { county?: string; account?: string } => { try { return JSON.parse(localStorage.getItem(stored) ?? "{}") as { county?: string; account?: string }; } catch { return {}; } };

/** County, account, password. County and account are remembered on this device, the password never. */
export default function SignIn() {
  const [county, setCounty] = useState(last().county ?? "");
  const [account, setAccount] = useState(last().account ?? "");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/sign-in" });
  const now = useLanguage();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!/^\d{6}$/.test(county.trim())) return setError(t("sign-in-county-form"));
    if (account.trim() === "" || password === "") return setError(t("sign-in-empty"));
    setBusy(true);
    setError(null);
    try {
      const problem = await signIn(county.trim(), account.trim(), password);
      if (problem) return setError(problem.message || t("sign-in-refused"));
      localStorage.setItem(stored, JSON.stringify({ county: county.trim(), account: account.trim() }));
      client.clear();
      const inside = next?.startsWith("/") && !next.startsWith("//") ? next : "/";
      await navigate({ to: inside, replace: true });
    } catch (failure) {
      setError(failureText(failure));
    } finally { setBusy(false); }
  };
  return (
    <main className="sign-in">
      <section className="sign-in-story" aria-hidden="true"><Icon name="loom" size="4rem" /><p className="sign-in-motto">{t("motto")}</p><p>{t("motto-more")}</p></section>
      <form className="sign-in-form" onSubmit={(e) => void submit(e)} noValidate>
        <h1><Icon name="loom" size="2rem" />{t("product")}</h1>
        <p className="muted">{t("product-line")}</p>
        {error && <p className="problem" role="alert" id="sign-in-error"><Icon name="warn" />{error}</p>}
        <div className="field"><label className="label" htmlFor="county">{t("sign-in-county")}</label><input id="county" name="county" className="input" inputMode="numeric" autoComplete="organization" placeholder="532925" maxLength={6} value={county} onChange={(e) => setCounty(e.target.value)} autoFocus={!county} /></div>
        <div className="field"><label className="label" htmlFor="account">{t("sign-in-account")}</label><input id="account" name="account" className="input" autoComplete="username" autoCapitalize="none" spellCheck={false} value={account} onChange={(e) => setAccount(e.target.value)} /></div>
        <div className="field"><label className="label" htmlFor="password">{t("sign-in-password")}</label><input id="password" name="password" className="input" type="password" autoComplete="current-password" value={password} onChange={(e) => setPassword(e.target.value)} autoFocus={!!county} /></div>
        <Button type="submit" look="primary" busy={busy} className="wide">{t("sign-in")}</Button>
        <p className="muted small">{t("sign-in-help")}</p>
        <button type="button" className="link" lang={now === "en" ? "zh-CN" : "en"} onClick={() => void language.choose(now === "en" ? "zh-CN" : "en")}>{now === "en" ? "中文" : "English"}</button>
      </form>
    </main>
  );
}
