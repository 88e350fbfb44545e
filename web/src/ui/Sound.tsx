import { useEffect, useRef, useState } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import { Icon } from "./icons";

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Plays a recording with our own button; the browser's speak its own language. Nothing is fetched before it is pressed. */
export default function Sound({ url, name, seconds = null }: { readonly url: string; readonly name: string; readonly seconds?: number | null }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [failed, setFailed] = useState(false);
  const shown = name.replace(/\.[a-z0-9]+$/i, "");
  useEffect(() => { setAt(0); setPlaying(false); setFailed(false); }, [url]);
  const press = () => {
    if (!audio.current) return;
    if (playing) audio.current.pause();
    else audio.current.play().catch(() => setFailed(true));
  };
  return (
    <span className="sound">
      <audio ref={audio} src={url} preload="none" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onEnded={() => { setPlaying(false); setAt(0); }} onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)} onError={() => setFailed(true)} />
      <button type="button" className="sound-play" aria-label={t(playing ? "sound-pause" : "sound-play", { name: shown })} onClick={press}><Icon name={playing ? "pause" : "play"} /></button>
      <span className="sound-name">{shown}</span>
      <span className="tabular muted">{at > 0 ? minutes(at) : seconds === null ? "" : minutes(seconds)}</span>
      {failed && <span className="field-error" role="alert">{t("sound-failed")}</span>}
    </span>
  );
}
