import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { request } from "../api/client";
import { RevealPerson } from "../api/documents.plugin";
import type { CaseDetail } from "../api/documents";
import { code } from "../i18n/language";
import { t } from "../i18n/language";
import "../i18n/more";
import { Facts, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";

const Box = lazy(() => import("../form/Dialog"));
type Party = CaseDetail["parties"][number];

/** Clear text of one person, for a stated purpose; it leaves with the dialog and is kept nowhere. */
function Reveal({ party, close }: { readonly party: Party; readonly close: () => void }) {
  const [purpose, setPurpose] = useState("");
  const asking = useMutation({ mutationFn: async () => (await request(RevealPerson, { id: party.id, purpose: purpose.trim() })).revealPerson, gcTime: 0 });
  const person = asking.data?.person;
  return (
    <Box title={t("reveal")} below={`${party.masked}（${code("party", party.role)}）`} close={close}>
      {person ? <Facts rows={(["name", "phone", "idNumber", "address"] as const).map((name) => [t(`reveal-${name}`), person[name], "wide"] as const)} /> : (
        <ReasonForm purpose={purpose} setPurpose={setPurpose} ask={() => asking.mutate()} busy={asking.isPending}
          problem={asking.error ? failureText(asking.error) : asking.data?.problems[0]?.message ?? null} />
      )}
    </Box>
  );
}

function ReasonForm({ purpose, setPurpose, ask, busy, problem }: { readonly purpose: string; readonly setPurpose: (text: string) => void; readonly ask: () => void; readonly busy: boolean; readonly problem: string | null }) {
  return (
    <form className="form" onSubmit={(e) => { e.preventDefault(); ask(); }}>
      <p className="intro">{t("reveal-hint")}</p>
      {problem && <p className="problem" role="alert"><Icon name="warn" />{problem}</p>}
      <div className="field"><label className="label" htmlFor="purpose">{t("reveal-purpose")}</label><input id="purpose" className="input" required maxLength={200} value={purpose} onChange={(e) => setPurpose(e.target.value)} /></div>
      <div className="form-actions"><button type="submit" className="button button-primary" disabled={busy || purpose.trim() === ""}>{t("reveal")}</button></div>
    </form>
  );
}

/** The persons concerned, masked; who may see more can ask for it. */
export default function Parties({ matter, mayReveal }: { readonly matter: CaseDetail; readonly mayReveal: boolean }) {
  const [open, setOpen] = useState<Party | null>(null);
  return (
    <ul className="parties">
      {matter.parties.map((p) => <li key={p.id}>{p.masked}（{code("party", p.role)}）{mayReveal && <button type="button" className="link" onClick={() => setOpen(p)}>{t("reveal")}</button>}</li>)}
      {open && <Suspense fallback={null}><Reveal party={open} close={() => setOpen(null)} /></Suspense>}
    </ul>
  );
}
