import { useEffect, useRef, useState } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import { Button } from "../ui/basics";

const longest = 180;
const kinds = [["audio/webm;codecs=opus", ".webm"], ["audio/mp4", ".m4a"], ["audio/ogg;codecs=opus", ".ogg"]] as const;
const minutes = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Records a voice note of up to three minutes, small enough for a thin signal. It begins at once and ends by a press. */
export default function Recorder({ keep, close }: { readonly keep: (sound: Blob, seconds: number, ending: string) => void; readonly close: () => void }) {
  const [seconds, setSeconds] = useState(0);
  const [failed, setFailed] = useState(false);
  const recorder = useRef<MediaRecorder | null>(null);
  const wanted = useRef(true);
  const began = useRef(0);
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    let gone = false;
    const parts: Blob[] = [];
    const begin = async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const free = () => { for (const track of stream.getTracks()) track.stop(); };
      if (gone) { free(); return; }
      const [type, ending] = kinds.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? kinds[0];
      const made = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24_000 });
      recorder.current = made;
      made.ondataavailable = (event) => { parts.push(event.data); };
      made.onstop = () => {
        free();
        const lasted = Math.max(1, Math.round((Date.now() - began.current) / 1000));
        if (wanted.current && !gone) keep(new Blob(parts, { type: type.split(";")[0] ?? type }), lasted, ending);
        if (!gone) close();
      };
      began.current = Date.now();
      made.start();
      timer = setInterval(() => {
        const lasted = (Date.now() - began.current) / 1000;
        setSeconds(lasted);
        if (lasted >= longest && made.state === "recording") made.stop();
      }, 250);
    };
    begin().catch(() => setFailed(true));
    return () => { gone = true; clearInterval(timer); if (recorder.current?.state === "recording") recorder.current.stop(); };
  }, []); // eslint-disable-line react-hooks/exhaustive-deps
  const end = (keepIt: boolean) => {
    wanted.current = keepIt;
    if (recorder.current?.state === "recording") recorder.current.stop();
    else close();
  };
  if (failed) return <div className="recorder"><p className="field-error" role="alert">{t("voice-failed")}</p><Button onClick={close}>{t("close")}</Button></div>;
  return (
    <div className="recorder" role="group" aria-label={t("voice-add")}>
      <span className="recording" aria-hidden="true" /><strong className="tabular" role="timer">{minutes(seconds)}</strong><span className="muted small">{t("voice-longest")}</span>
      <div className="actions"><Button look="primary" onClick={() => end(true)}>{t("voice-keep")}</Button><Button look="quiet" onClick={() => end(false)}>{t("cancel")}</Button></div>
    </div>
  );
}
