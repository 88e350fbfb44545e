import { useEffect, useState } from "react";
import type { CaseDetail } from "../api/documents";
import Dialog from "../form/Dialog";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { moment } from "../i18n/time";
import { kilobytes } from "../phone/photo";
import { Button } from "../ui/basics";
import { Icon } from "../ui/icons";

/** One picture large, the others by the arrow keys; Esc goes back to where the reader was. */
export default function Viewer({ pictures, first, close }: { readonly pictures: CaseDetail["attachments"]; readonly first: number; readonly close: () => void }) {
  const [at, setAt] = useState(first);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const picture = pictures[at];
  const go = (by: number) => { setState("loading"); setAt((now) => (now + by + pictures.length) % pictures.length); };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (pictures.length < 2 || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
      event.preventDefault();
      go(event.key === "ArrowLeft" ? -1 : 1);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  if (!picture) return null;
  const below = [picture.step ? code("happened", picture.step) : "", moment(picture.at), kilobytes(picture.bytes)].filter(Boolean).join(" · ");
  return (
    <Dialog title={picture.name} below={below} close={close} look="modal-wide">
      <div className="viewer" aria-busy={state === "loading"}>
        {state === "failed" ? <p className="problem" role="alert"><Icon name="warn" />{t("picture-failed")}</p>
          : <img key={picture.id} src={picture.url} alt={picture.name} onLoad={() => setState("shown")} onError={() => setState("failed")} />}
      </div>
      <div className="viewer-keys">
        {pictures.length > 1 ? <><Button icon="back" onClick={() => go(-1)}>{t("picture-before")}</Button><span className="tabular" role="status">{t("picture-of", { at: at + 1, n: pictures.length })}</span><Button icon="next" onClick={() => go(1)}>{t("picture-after")}</Button></> : <span />}
        <a className="button button-quiet" href={picture.url} download={picture.name}>{t("picture-save")}</a>
      </div>
    </Dialog>
  );
}
