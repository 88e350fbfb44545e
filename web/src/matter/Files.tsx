import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { request } from "../api/client";
import type { CaseDetail } from "../api/documents";
import { ReusedPictures } from "../api/documents.files";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { moment } from "../i18n/time";
import { kilobytes } from "../phone/photo";
import { Icon } from "../ui/icons";
import Sound from "../ui/Sound";

const Viewer = lazy(() => import("./Viewer"));

/** Told to the verifier only, and only while there is something to verify: pictures of this case that stand in another one. */
function Reused({ matter }: { readonly matter: CaseDetail }) {
  const { data } = useQuery({
    queryKey: ["reused-pictures", matter.id], staleTime: 60_000,
    queryFn: async ({ signal }) => (await request(ReusedPictures, { id: matter.id }, signal)).case?.reusedPictures ?? [],
  });
  if (!data?.length) return null;
  return (
    <div className="notice reused"><Icon name="warn" />
      <ul>{data.map((one, n) => <li key={n}>{t(one.exact ? "reused-exact" : "reused-like", { name: one.attachment?.name ?? "", number: one.caseNumber ?? t("reused-other"), at: moment(one.at) })}</li>)}</ul>
    </div>
  );
}

/** A case's files: pictures as a strip that opens large, recordings that play, documents to save; each with the step it came with. */
export default function Files({ matter }: { readonly matter: CaseDetail }) {
  const [shown, setShown] = useState<number | null>(null);
  const pictures = matter.attachments.filter((a) => a.thumbnailUrl !== null);
  const others = matter.attachments.filter((a) => a.thumbnailUrl === null);
  const from = (step: string | null) => (step ? code("happened", step) : "");
  return (
    <>
      {matter.allowedSteps.includes("verifyCase") && pictures.length > 0 && <Reused matter={matter} />}
      {pictures.length > 0 && (
        <ul className="pictures">{pictures.map((a, n) => (
          <li key={a.id}><button type="button" className="picture" aria-label={t("open-picture", { name: a.name, step: from(a.step) })} onClick={() => setShown(n)}>
            <img src={a.thumbnailUrl ?? ""} alt="" loading="lazy" decoding="async" /></button>
            <small className="muted">{from(a.step)}<br /><time dateTime={a.at}>{moment(a.at)}</time></small></li>
        ))}</ul>
      )}
      {others.length > 0 && (
        <ul className="attachments">{others.map((a) => (
          <li key={a.id} className="file">{a.mediaType.startsWith("audio/") ? <Sound url={a.url} name={a.name} />
            : <a href={a.url} download={a.name}><Icon name="file" />{a.name}</a>}<small className="muted">{kilobytes(a.bytes)} · {from(a.step)}</small></li>
        ))}</ul>
      )}
      {shown !== null && <Suspense fallback={null}><Viewer pictures={pictures} first={shown} close={() => setShown(null)} /></Suspense>}
    </>
  );
}
