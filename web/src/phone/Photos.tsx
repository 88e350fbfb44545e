import { useEffect, useMemo, useRef, useState } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import { Icon } from "../ui/icons";
import type { Photo } from "./outboxItems";
import { kilobytes, reduced } from "./photo";

function Thumb({ photo, remove }: { readonly photo: Photo; readonly remove: () => void }) {
  const url = useMemo(() => URL.createObjectURL(photo.blob), [photo.blob]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return <figure className="thumb"><img src={url} alt={photo.name} /><figcaption>{kilobytes(photo.blob.size)}</figcaption><button type="button" className="thumb-remove" aria-label={t("remove-file", { name: photo.name })} onClick={remove}><Icon name="close" size="1rem" /></button></figure>;
}

/** Takes pictures with our own button; each is reduced here and stored with the report before anything else happens. */
export function Photos({ photos, onChange }: { readonly photos: readonly Photo[]; readonly onChange: (photos: readonly Photo[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const add = async (files: FileList | null) => {
    setBusy(true);
    const added: Photo[] = [];
    for (const file of files ?? []) added.push({ name: file.name, blob: await reduced(file), bytesBefore: file.size });
    onChange([...photos, ...added]);
    setBusy(false);
    if (input.current) input.current.value = "";
  };
  return (
    <div className="photos">
      <input ref={input} type="file" accept="image/*" multiple hidden tabIndex={-1} data-testid="photo-input" onChange={(e) => void add(e.target.files)} />
      {photos.map((p, i) => <Thumb key={`${p.name}${i}`} photo={p} remove={() => onChange(photos.filter((_, n) => n !== i))} />)}
      <button type="button" className="photo-add" onClick={() => input.current?.click()} aria-busy={busy}>{busy ? <span className="spinner" /> : <Icon name="camera" size="1.75rem" />}<span>{t(photos.length > 0 ? "photo-more" : "photo-add")}</span></button>
    </div>
  );
}
