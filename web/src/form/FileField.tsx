import { useRef, useState } from "react";
import { FileRefused, sendFile } from "../api/upload";
import type { KeptFile } from "../api/upload";
import { t } from "../i18n/language";
import "../i18n/more";
import { kilobytes, reduced } from "../phone/photo";
import { Button, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";
import type { FieldProps } from "./Field";

const accepted = "image/jpeg,image/png,image/webp,image/gif,application/pdf,audio/webm,audio/ogg,audio/mp4,audio/mpeg,.m4a";
const isPicture = (file: File): boolean => file.type.startsWith("image/");

/** Our own file button: a native one speaks the browser's language. The value is a list of what the server keeps. */
export function FileField({ id, value, onChange }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<string | null>(null);
  const [failure, setFailure] = useState<{ readonly name: string; readonly why: string } | null>(null);
  const files = Array.isArray(value) ? value as readonly KeptFile[] : [];
  const add = async (chosen: readonly File[]) => {
    setFailure(null);
    const kept = [...files];
    for (const file of chosen) {
      setSending(file.name);
      try {
        kept.push(await sendFile(isPicture(file) ? await reduced(file) : file, file.name, crypto.randomUUID()));
        onChange([...kept]);
      } catch (error) {
        setFailure({ name: file.name, why: error instanceof FileRefused ? error.message : failureText(error) });
        break;
      }
    }
    setSending(null);
    // The same file can be chosen again, and nothing remembers the name of one that was taken off.
    if (input.current) input.current.value = "";
  };
  return (
    <div className="files">
      <input ref={input} id={id} type="file" accept={accepted} multiple hidden tabIndex={-1} onChange={(e) => void add([...e.target.files ?? []])} />
      {files.map((file) => (
        <span key={file.id} className="file">{file.thumbnailUrl ? <img className="file-picture" src={file.thumbnailUrl} alt="" /> : <Icon name={file.mediaType.startsWith("audio/") ? "sound" : "file"} />}{file.name}<small>{kilobytes(file.bytes)}</small>
          <button type="button" className="bare" aria-label={t("remove-file", { name: file.name })} onClick={() => onChange(files.filter((f) => f.id !== file.id))}><Icon name="close" /></button></span>
      ))}
      <Button icon="add" busy={sending !== null} onClick={() => input.current?.click()} aria-describedby={`${id}-label`}>{sending === null ? t("add-file") : t("sending-file", { name: sending })}</Button>
      {failure && <p className="field-error" role="alert">{t("file-not-sent", { name: failure.name })} {failure.why}</p>}
      <p className="hint files-hint">{t("files-hint")}</p>
    </div>
  );
}
