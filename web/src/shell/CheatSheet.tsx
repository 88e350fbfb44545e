import Dialog from "../form/Dialog";
import { t } from "../i18n/language";
import "../i18n/more";
import { order } from "../matter/order";
import { Button } from "../ui/basics";

/** The single keys, on `?`. */
export default function CheatSheet({ close }: { readonly close: () => void }) {
  const rows: readonly (readonly [string, string])[] = [
    ["J", t("key-next")], ["K", t("key-previous")], ["Enter", t("key-open")], ["/", t("key-search")], ["Ctrl K", t("palette-open")], ["?", t("key-help")],
    ...order.filter((s) => s.key).map((s) => [s.key?.slice(3) ?? "", t(`step-${s.name}`)] as const),
  ];
  return (
    <Dialog title={t("keys-title")} close={close}>
      <dl className="keys">{rows.map(([key, what]) => <div key={key + what}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
      <p className="muted">{t("keys-hint")}</p>
      <div className="form-actions"><Button look="primary" onClick={close} autoFocus>{t("close")}</Button></div>
    </Dialog>
  );
}
