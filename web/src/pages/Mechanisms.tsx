import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { mechanisms } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import { Empty, Failure, Loading, Tag } from "../ui/basics";
import { group } from "../ui/group";

/** The departments' mechanisms of this county: elements by group, each with its figure; what the county has not confirmed says so. */
export default function Mechanisms() {
  const { data, error, isPending, refetch } = useQuery(mechanisms());
  return (
    <main id="page" className="page page-wide">
      <header className="page-head"><h1>{t("nav-mechanisms")}</h1></header>
      {isPending ? <Loading /> : error ? <Failure error={error} retry={() => void refetch()} /> : data.length === 0 ? <Empty icon="loom" title={t("mechanisms-none")}>{t("mechanisms-none-more")}</Empty> : data.map((m) => (
        <section key={m.key} className="card mechanism" aria-labelledby={`mechanism-${m.key}`}>
          <header className="mechanism-head"><div><h2 id={`mechanism-${m.key}`}>{m.title}</h2><Tag tone={m.mode === "ON" ? "blue" : "plain"}>{t(`mode-${m.mode}`)}</Tag></div>
            {m.mode === "ON" && <Link to="/plugins/$plugin" params={{ plugin: m.key }} className="button button-plain">{t("open-mechanism")}</Link>}</header>
          {[...group(m.elements, (e) => e.group)].map(([name, elements]) => (
            <div key={name} className="element-group"><h3>{name}</h3>
              <ul>{elements.map((e) => (
                <li key={e.key} className="element"><Link to="/plugins/$plugin" params={{ plugin: m.key }} search={{ element: e.key }} disabled={m.mode !== "ON"}><strong>{e.title}</strong></Link>
                  {!e.confirmed && <Tag tone="wait">{t("not-confirmed")}</Tag>}<span className="element-figure"><b className="tabular">{e.figure.value}</b><small className="muted">{e.figure.label}</small></span></li>
              ))}</ul></div>
          ))}
        </section>
      ))}
    </main>
  );
}
