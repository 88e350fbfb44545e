import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Button, ComboBox, Input, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { caseSearch, gridSearch, organizations, workItems } from "../api/queries";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { Icon } from "../ui/icons";
import { Below, Label } from "./Field";
import type { FieldProps } from "./Field";
import type { Option } from "./fields";

/** A chosen thing keeps its name, so that it can be shown without asking for it again. */
export interface Picked { readonly id: string; readonly name: string }
export const isPicked = (value: unknown): value is Picked => typeof value === "object" && value !== null && "id" in value && "name" in value;

function useOptions(field: FieldProps["field"], text: string): { options: readonly Option[]; loading: boolean } {
  const search = useDeferredValue(text.trim());
  const isUnit = field.kind === "organization" || field.kind === "organizations";
  const units = useQuery({ ...organizations(field.organizationKind ?? null, field.organizationKind ? null : search || null, field.organizationKind ? 200 : 50), enabled: isUnit });
  const items = useQuery({ ...workItems(), enabled: field.kind === "item" });
  const grids = useQuery({ ...gridSearch(search), enabled: field.kind === "grid" });
  const cases = useQuery({ ...caseSearch(search), enabled: field.kind === "case" });
  const within = (o: Option) => search === "" || `${o.label} ${o.hint ?? ""}`.includes(search);
  if (isUnit) return { loading: units.isPending, options: (units.data ?? []).map((o) => ({ value: o.id, label: o.name, hint: o.code })).filter(within) };
  if (field.kind === "item") {
    return { loading: items.isPending, options: (items.data ?? []).map((i) => ({ value: i.code, label: i.name, hint: `${i.code} ${code("category", i.category)}` })).filter(within) };
  }
  if (field.kind === "grid") return { loading: grids.isPending, options: (grids.data ?? []).map((g) => ({ value: field.gridBy === "id" ? g.id : g.code, label: g.name, hint: g.path.map((p) => p.name).slice(1, -1).join(" ") || g.code })) };
  if (field.kind === "case") return { loading: cases.isPending, options: (cases.data ?? []).map((c) => ({ value: c.id, label: `${c.number} ${c.title}`, hint: c.grid.name })) };
  return { loading: false, options: (field.options ?? []).filter(within) };
}

/** Search and choose: one (value {id, name}; for a plain choice its value) or several (a list of them). */
export default function PickField(props: FieldProps) {
  const { id, field, value, error, onChange } = props;
  const many = field.kind === "organizations";
  const plain = field.kind === "choice";
  const first = plain ? field.options?.find((o) => o.value === value)?.label ?? "" : isPicked(value) ? value.name : "";
  const [text, setText] = useState(many ? "" : first);
  const [typed, setTyped] = useState(false);
  const { options, loading } = useOptions(field, typed || many ? text : "");
  const chosen = many && Array.isArray(value) ? value.filter(isPicked) : [];
  const pick = (key: string | number | null) => {
    const option = options.find((o) => o.value === key);
    setTyped(false);
    if (!option) return;
    if (many) {
      setText("");
      if (!chosen.some((c) => c.id === option.value)) onChange([...chosen, { id: option.value, name: option.label }]);
      return;
    }
    setText(option.label);
    onChange(plain ? option.value : { id: option.value, name: option.label });
  };
  const write = (next: string) => {
    setText(next);
    setTyped(true);
    if (!many && next === "") onChange(null);
  };
  const leave = () => { if (!many) setText(first); setTyped(false); };
  return (
    <div className={`field ${field.half ? "field-half" : ""}`}>
      <Label id={id} field={field} />
      {chosen.length > 0 && (
        <div className="picked">{chosen.map((c) => (
          <span key={c.id} className="file">{c.name}<button type="button" className="bare" aria-label={t("remove", { name: c.name })} onClick={() => onChange(chosen.filter((x) => x.id !== c.id))}><Icon name="close" /></button></span>
        ))}</div>
      )}
      <ComboBox aria-labelledby={`${id}-label`} className="combo" inputValue={text} onInputChange={write} onSelectionChange={pick} onBlur={leave} items={options}
        allowsEmptyCollection menuTrigger="focus" selectedKey={null} isInvalid={error !== undefined}>
        <div className="combo-box"><Input id={id} className="input" placeholder={t("pick-search")} autoComplete="off" /><Button className="combo-open" aria-label={t("open-list")}><Icon name="down" size="1em" /></Button></div>
        <Popover className="popover" offset={4}>
          <ListBox className="listbox" renderEmptyState={() => <p className="muted listbox-empty">{t(loading ? "loading" : "nothing-found")}</p>}>
            {(option: Option) => <ListBoxItem id={option.value} textValue={option.label} className="listbox-item"><span>{option.label}</span>{option.hint && <small>{option.hint}</small>}</ListBoxItem>}
          </ListBox>
        </Popover>
      </ComboBox>
      <Below {...props} />
    </div>
  );
}
