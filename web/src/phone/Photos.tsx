import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import { Icon } from "../ui/icons";
import type { Photo } from "./outboxItems";
import { kilobytes, reduced } from "./photo";

const Recorder = lazy(() => import("./Recorder"));
const Sound = lazy(() => import("../ui/Sound"));
const most = 9;
const readable = /^image\/(?:jpeg|png|webp|gif)$/;

const useAddress = (blob: Blob): string => {
  const url = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return url;
};
function Remove({ name, remove }: { readonly name: string; readonly remove: () => void }) {
  return <button type="button" className="thumb-remove" aria-label={t("remove-file", { name })} onClick={remove}><Icon name="close" size="1rem" /></button>;
}
function Thumb({ photo, remove }: { readonly photo: Photo; readonly remove: () => void }) {
  return <figure className="thumb"><img src={useAddress(photo.blob)} alt={photo.name} /><figcaption>{kilobytes(photo.blob.size)}</figcaption><Remove name={photo.name} remove={remove} /></figure>;
}
function Voice({ photo, remove }: { readonly photo: Photo; readonly remove: () => void }) {
  const url = useAddress(photo.blob);
  return <div className="voice"><Suspense fallback={null}><Sound url={url} name={photo.name} seconds={photo.seconds ?? null} /></Suspense><small>{kilobytes(photo.blob.size)}</small><Remove name={photo.name} remove={remove} /></div>;
}

/** Takes pictures and voice notes with our own buttons; each is made small here and stored with the report before anything else happens. */
export function Photos({ photos, onChange, onBusy }: {
  readonly photos: readonly Photo[]; readonly onChange: (change: (photos: readonly Photo[]) => readonly Photo[]) => void;
  /** Something is still being made small or recorded: a report sent now would go without it. */
  readonly onBusy: (busy: boolean) => void;
}) {
  const camera = useRef<HTMLInputElement>(null);
  const album = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [recording, setRecording] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => { onBusy(busy || recording); }, [busy, recording, onBusy]);
  const keep = (photo: Omit<Photo, "key">) => onChange((now) => [...now, { ...photo, key: crypto.randomUUID() }]);
  const add = async (input: HTMLInputElement) => {
    const chosen = [...input.files ?? []];
    setBusy(true);
    setWrong(chosen.length > most - pictures.length ? t("photo-most", { n: most }) : null);
    for (const file of chosen.slice(0, most - pictures.length)) {
      const blob = await reduced(file);
      if (readable.test(blob.type)) keep({ name: file.name, blob, bytesBefore: file.size });
      else setWrong(t("photo-unreadable", { name: file.name }));
    }
    setBusy(false);
    // The same picture can be chosen again, and nothing remembers the name of one that was taken off.
    input.value = "";
  };
  const remove = (photo: Photo) => onChange((now) => now.filter((p) => p !== photo));
  const pictures = photos.filter((p) => p.seconds === undefined);
  const voices = photos.filter((p) => p.seconds !== undefined);
  const takeFrom = (input: HTMLInputElement) => void add(input);
  return (
    <div className="photos">
      <input ref={camera} type="file" accept="image/*" capture="environment" hidden tabIndex={-1} data-testid="camera-input" onChange={(e) => takeFrom(e.target)} />
      <input ref={album} type="file" accept="image/*" multiple hidden tabIndex={-1} data-testid="photo-input" onChange={(e) => takeFrom(e.target)} />
      {pictures.map((p) => <Thumb key={p.key ?? p.name} photo={p} remove={() => remove(p)} />)}
      {pictures.length < most && <div className="photo-ways">
        <button type="button" className="photo-add" onClick={() => camera.current?.click()} disabled={busy} aria-busy={busy}>{busy ? <span className="spinner" /> : <Icon name="camera" size="1.75rem" />}<span>{t(pictures.length > 0 ? "photo-more" : "photo-add")}</span></button>
        <button type="button" className="photo-add" onClick={() => album.current?.click()} disabled={busy}><Icon name="picture" size="1.75rem" /><span>{t("photo-album")}</span></button>
        {voices.length < 3 && "MediaRecorder" in globalThis && <button type="button" className="photo-add" onClick={() => setRecording(true)} disabled={recording}><Icon name="sound" size="1.75rem" /><span>{t("voice-add")}</span></button>}
      </div>}
      {recording && <Suspense fallback={null}><Recorder close={() => setRecording(false)} keep={(blob, seconds, ending) => keep({ name: `${t("voice-name", { n: voices.length + 1 })}${ending}`, blob, bytesBefore: blob.size, seconds })} /></Suspense>}
      {voices.map((p) => <Voice key={p.key ?? p.name} photo={p} remove={() => remove(p)} />)}
      {wrong && <p className="field-error" role="alert">{wrong}</p>}
    </div>
  );
}
