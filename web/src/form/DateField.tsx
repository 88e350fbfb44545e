import { parseAbsolute, parseDate, parseTime } from "@internationalized/date";
import type { DateValue, ZonedDateTime } from "@internationalized/date";
import {
  Button, Calendar, CalendarCell, CalendarGrid, DateInput, DatePicker, DateSegment, Dialog, Group, Heading, I18nProvider, Popover, TimeField,
} from "react-aria-components";
import { t, useLanguage } from "../i18n/language";
import "../i18n/more";
import { timeZone } from "../i18n/time";
import { Icon } from "../ui/icons";
import { Below, Label } from "./Field";
import type { FieldProps } from "./Field";

function read(kind: string, value: unknown): DateValue | null {
  if (typeof value !== "string" || value === "") return null;
  return kind === "date" ? parseDate(value) : parseAbsolute(value, timeZone());
}
const write = (value: DateValue | null): string | null => {
  if (value === null) return null;
  return "toAbsoluteString" in value ? (value as ZonedDateTime).toAbsoluteString() : value.toString();
};

/** Our own date field, in the page's language and the county's zone. Value: YYYY-MM-DD, an absolute time, or HH:MM. */
export default function DateField(props: FieldProps) {
  const { id, field, value, error, onChange } = props;
  const locale = useLanguage();
  const segments = <DateInput className="input date-input">{(segment) => <DateSegment segment={segment} className="date-segment" />}</DateInput>;
  const common = { "aria-labelledby": `${id}-label`, isInvalid: error !== undefined, hourCycle: 24 as const };
  return (
    <I18nProvider locale={locale}>
      <div className={`field ${field.half ? "field-half" : ""}`}>
        <Label id={id} field={field} as="span" />
        {field.kind === "time" ? (
          <TimeField {...common} value={typeof value === "string" && value ? parseTime(value) : null} onChange={(v) => onChange(v ? v.toString().slice(0, 5) : null)}>{segments}</TimeField>
        ) : (
          <DatePicker {...common} className="date" granularity={field.kind === "date" ? "day" : "minute"} hideTimeZone shouldForceLeadingZeros
            placeholderValue={field.kind === "datetime" ? parseAbsolute(new Date().toISOString(), timeZone()) : undefined}
            value={read(field.kind, value)} onChange={(v) => onChange(write(v))}>
            <Group className="date-group">{segments}<Button className="combo-open" aria-label={t("open-calendar")}><Icon name="down" size="1em" /></Button></Group>
            <Popover className="popover" offset={4}>
              <Dialog className="calendar-dialog" aria-label={field.label}>
                <Calendar className="calendar">
                  <header><Button slot="previous" className="bare"><Icon name="back" /></Button><Heading /><Button slot="next" className="bare"><Icon name="next" /></Button></header>
                  <CalendarGrid>{(date) => <CalendarCell date={date} className="calendar-cell" />}</CalendarGrid>
                </Calendar>
              </Dialog>
            </Popover>
          </DatePicker>
        )}
        <Below {...props} />
      </div>
    </I18nProvider>
  );
}
