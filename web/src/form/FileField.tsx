import { useRef, useState } from "react";
import { RequestFailure, send } from "../api/client";
import { t } from "../i18n/language";
import "../i18n/more";
import { kilobytes, reduced } from "../phone/photo";
import { Button, failureText } from "../ui/basics";
import { Icon } from "../ui/icons";
import type { FieldProps } from "./Field";

interface Sent { readonly id: string; readonly name: string; readonly bytes: number }

export async function uploadFile(file: File): Promise<Sent> {
  const blob = file.type.startsWith("image/") ? await reduced(file) : file;
  const form = new FormData();
  form.append("file", blob, file.name);
  const response = await send("/files", { method: "POST", body: form });
  if (response.status === 401) throw new RequestFailure("signed-out", "files");
  if (response.status === 404 || response.status === 405) throw new RequestFailure("no-files", "files");
  if (!response.ok) throw new RequestFailure("broken", `files: HTTP ${response.status}`);
  return { id: ((await response.json()) as { id: string }).id, name: file.name, bytes: blob.size };
}

/** Our own file button: a native one speaks the browser's language. The value is a list of {id, name, bytes}. */
export function FileField({ id, value, onChange }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const files = Array.isArray(value) ? value as Sent[] : [];
  const add = async (chosen: FileList | null) => {
    setBusy(true);
    setFailure(null);
    try {
      const sent = [...files];
      for (const file of chosen ?? []) { sent.push(await uploadFile(file)); onChange([...sent]); }
    } catch (error) { setFailure(error); }
    setBusy(false);
    if (input.current) input.current.value = "";
  };
  return (
    <div className="files">
      <input ref={input} id={id} type="file" multiple hidden tabIndex={-1} onChange={(e) => void add(e.target.files)} />
      {files.map((file) => (
        <span key={file.id} className="file"><Icon name="file" />{file.name}<small>{kilobytes(file.bytes)}</small>
          <button type="button" className="bare" aria-label={t("remove-file", { name: file.name })} onClick={() => onChange(files.filter((f) => f.id !== file.id))}><Icon name="close" /></button></span>
      ))}
      <Button icon="add" busy={busy} onClick={() => input.current?.click()} aria-describedby={`${id}-label`}>{t("add-file")}</Button>
      {failure !== null && <p className="field-error" role="alert">{failureText(failure)}</p>}
    </div>
  );
}
