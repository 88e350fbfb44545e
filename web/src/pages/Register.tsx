import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { request } from "../api/client";
import { ReportCase } from "../api/documents.steps";
import type { Channel, ReportCaseInput, ReportCaseResult, Severity } from "../api/documents";
import { workItems } from "../api/queries";
import { Form } from "../form/Form";
import { filled } from "../form/fields";
import type { FieldSpec, Values } from "../form/fields";
import { titleOf } from "../form/title";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { Button, Facts, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";

const channels: readonly Channel[] = ["CENTRE_WINDOW", "HOTLINE_12345", "POLICE_NON_EMERGENCY", "PROCURATORATE_12309", "PETITION", "LEADER", "UPPER_LEVEL"];
const fields = (): readonly FieldSpec[] => [
  { name: "channel", label: t("field-channel"), kind: "choice", required: true, options: channels.map((value) => ({ value, label: code("channel", value) })) },
  { name: "workItemCode", label: t("field-workItemCode"), kind: "item", required: true },
  { name: "description", label: t("field-description"), kind: "area", required: true, maxLength: 8000, hint: t("description-hint") },
  { name: "gridCode", label: t("field-gridCode"), kind: "grid", required: true, half: true },
  { name: "address", label: t("field-address"), kind: "text", maxLength: 200, half: true },
  { name: "occurredAt", label: t("field-occurredAt"), kind: "datetime", half: true },
  { name: "severity", label: t("field-severity-change"), kind: "choice", options: (["CRITICAL", "URGENT", "NORMAL", "LOW"] as const).map((value) => ({ value, label: code("severity", value) })) },
  { name: "name", label: t("field-reporter-name"), kind: "text", maxLength: 60, half: true, hint: t("reporter-hint") },
  { name: "phone", label: t("field-reporter-phone"), kind: "text", maxLength: 20, pattern: "[0-9+\\- ]{5,20}", half: true, when: (v) => typeof v["name"] === "string" && v["name"] !== "" },
  { name: "attachmentIds", label: t("field-attachmentIds"), kind: "files" },
];

function toInput(values: Values, item: Parameters<typeof titleOf>[1]): Omit<ReportCaseInput, "key"> {
  const v = filled(fields(), values);
  const picked = (name: string) => (v[name] as { id: string } | undefined)?.id;
  return {
    channel: v["channel"] as Channel, workItemCode: picked("workItemCode") ?? "", description: String(v["description"] ?? ""), title: titleOf(String(v["description"] ?? ""), item), gridCode: picked("gridCode"), address: v["address"] as string | undefined,
    occurredAt: v["occurredAt"] as string | undefined, severity: v["severity"] as Severity | undefined,
    onBehalfOf: v["name"] ? { name: String(v["name"]), role: "reporter", phone: v["phone"] as string | undefined } : undefined,
    attachmentIds: (v["attachmentIds"] as { id: string }[] | undefined)?.map((f) => f.id),
  };
}

function Done({ answer, again }: { readonly answer: ReportCaseResult["reportCase"]; readonly again: () => void }) {
  return (
    <section className="done" role="status">
      <Icon name="check" size="2.5rem" /><h2>{t("registered")}</h2>
      {answer.notice && <p className="notice"><Icon name="warn" />{answer.notice}</p>}
      <Facts rows={[[t("fact-number"), answer.case && <span className="tabular">{answer.case.number}</span>], [t("tracking-code"), answer.trackingCode && <strong className="tracking tabular">{answer.trackingCode}</strong>]]} />
      {answer.trackingCode && <p className="muted">{t("tracking-hint")}</p>}
      <div className="actions">{answer.case && <Link to="/cases/$id" params={{ id: answer.case.id }} className="button button-plain">{t("open-case")}</Link>}<Button look="primary" onClick={again} autoFocus>{t("register-next")}</Button></div>
    </section>
  );
}

/** The desk registers what comes by window, hotline or letter. */
export default function Register() {
  const [values, setValues] = useState<Values>({ channel: "CENTRE_WINDOW" });
  const [sent, setSent] = useState<{ key: string; body: string } | null>(null);
  const client = useQueryClient();
  const items = useQuery(workItems());
  const item = items.data?.find((i) => i.code === (values["workItemCode"] as { id?: string } | null)?.id);
  const sending = useMutation({
    mutationFn: async () => {
      const input = toInput(values, item);
      const body = JSON.stringify(input);
      const key = sent?.body === body ? sent.key : crypto.randomUUID();
      setSent({ key, body });
      return (await request(ReportCase, { input: { key, ...input } })).reportCase;
    },
    onSuccess: (answer) => { setSent(null); if (answer.problems.length === 0) for (const queryKey of [["inbox"], ["cases"]]) void client.invalidateQueries({ queryKey }); },
  });
  const answered = sending.data?.problems.length === 0 ? sending.data : null;
  const again = () => { sending.reset(); setValues({ channel: values["channel"] }); };
  return (
    <main id="page" className="page">
      <header className="page-head"><h1>{t("register-title")}</h1></header>
      {answered ? <Done answer={answered} again={again} /> : (
        <div className="card">
          <Form fields={fields()} values={values} onChange={setValues} onSubmit={() => sending.mutate()} problems={sending.data?.problems ?? []} busy={sending.isPending} submitWord={t("register-send")}
            failure={sending.error ? <p className="problem" role="alert"><Icon name="warn" />{failureText(sending.error)} {t("kept-typed")}</p> : null}
            intro={item?.emergency ? <p className="notice"><Icon name="warn" />{t("emergency-first")}</p> : item?.clue ? <p className="notice"><Icon name="warn" />{t("clue-first")}</p> : null} />
        </div>
      )}
    </main>
  );
}
