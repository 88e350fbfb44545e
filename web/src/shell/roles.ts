import type { Person } from "../api/queries";
import type { IconName } from "../ui/icons";

export type Path = "/inbox" | "/register" | "/cases" | "/mechanisms" | "/phone/report" | "/phone/tasks" | "/phone/grid" | "/me";
export interface Place { readonly to: Path; readonly word: string; readonly icon: IconName }

const field = new Set(["grid_member", "grid_chief", "group_head", "volunteer"]);
const desk = new Set(["centre_officer", "centre_lead"]);
const unit = new Set(["department_officer", "department_lead", "mediator"]);
const any = (person: Person, roles: ReadonlySet<string>) => person.posts.some((p) => roles.has(p.role));

/** Works outdoors with a phone, and has no desk: gets the phone's pages on any screen. */
export const onPhone = (person: Person): boolean => any(person, field) && !any(person, desk) && !any(person, unit);
export const atCentre = (person: Person): boolean => any(person, desk);
export const atUnit = (person: Person): boolean => any(person, unit);
const seesCases = (person: Person): boolean => atCentre(person) || atUnit(person) || any(person, new Set(["leader"]));

/** The pages of a person's roles, in the order of use; the first one is home. */
export function places(person: Person): readonly Place[] {
  const mine: Place = { to: "/me", word: "nav-me", icon: "person" };
  if (onPhone(person)) {
    return [
      { to: "/phone/report", word: "nav-report", icon: "report" }, { to: "/phone/tasks", word: "nav-todo", icon: "inbox" },
      { to: "/phone/grid", word: "nav-grid", icon: "grid" }, mine,
    ];
  }
  const found: Place[] = [];
  if (atCentre(person)) found.push({ to: "/inbox", word: "nav-inbox", icon: "inbox" }, { to: "/register", word: "nav-register", icon: "add" });
  else if (atUnit(person)) found.push({ to: "/inbox", word: "nav-tasks", icon: "inbox" });
  if (seesCases(person)) found.push({ to: "/cases", word: "nav-cases", icon: "list" });
  if (person.county !== null) found.push({ to: "/mechanisms", word: "nav-mechanisms", icon: "loom" });
  return [...found, mine];
}
export const home = (person: Person): Path => places(person)[0]?.to ?? "/me";
