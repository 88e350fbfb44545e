import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import type { CaseFilter, CaseStatus, Severity, WorkCategory } from "./api/documents";
import { RequestFailure } from "./api/client";
import { me } from "./api/queries";
import { setTimeZone } from "./i18n/time";
import { home, onPhone } from "./shell/roles";
import { Failure, Loading } from "./ui/basics";

interface Context { readonly client: QueryClient }

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const root = createRootRouteWithContext<Context>()();

const signIn = createRoute({
  getParentRoute: () => root, path: "/sign-in", validateSearch: (search): { next?: string } => ({ next: text(search["next"]) }),
  component: lazyRouteComponent(() => import("./pages/SignIn")),
});

/** Everything behind the sign-in. `person` is in the context of every page below. */
const inside = createRoute({
  getParentRoute: () => root, id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      const person = await context.client.ensureQueryData(me());
      if (person.county) setTimeZone(person.county.timeZone);
      if (onPhone(person) || location.pathname.startsWith("/phone/")) {
        const { outbox } = await import("./phone/outbox");
        await outbox.open(`${person.county?.code ?? "-"}:${person.id}`).catch(() => undefined);
      }
      return { person };
    } catch (error) {
      if (error instanceof RequestFailure && error.kind === "signed-out") throw redirect({ to: "/sign-in", search: location.pathname === "/" ? {} : { next: location.href } });
      throw error;
    }
  },
  component: lazyRouteComponent(() => import("./shell/Shell")),
});
const start = createRoute({ getParentRoute: () => inside, path: "/", beforeLoad: ({ context }) => { throw redirect({ to: home(context.person), replace: true }); } });
export const inboxRoute = createRoute({
  getParentRoute: () => inside, path: "/inbox", validateSearch: (search): { item?: string } => ({ item: text(search["item"]) }),
  component: lazyRouteComponent(() => import("./pages/Inbox")),
});
export const casesRoute = createRoute({
  getParentRoute: () => inside, path: "/cases", validateSearch: caseSearch, component: lazyRouteComponent(() => import("./pages/Cases")),
});
export const caseRoute = createRoute({ getParentRoute: () => inside, path: "/cases/$id", component: lazyRouteComponent(() => import("./pages/CasePage")) });
const register = createRoute({ getParentRoute: () => inside, path: "/register", component: lazyRouteComponent(() => import("./pages/Register")) });
const mechanisms = createRoute({ getParentRoute: () => inside, path: "/mechanisms", component: lazyRouteComponent(() => import("./pages/Mechanisms")) });
export const pluginRoute = createRoute({
  getParentRoute: () => inside, path: "/plugins/$plugin",
  validateSearch: (search): { element?: string; matter?: string } => ({ element: text(search["element"]), matter: text(search["matter"]) }),
  component: lazyRouteComponent(() => import("./pages/Plugin")),
});
const mine = createRoute({ getParentRoute: () => inside, path: "/me", component: lazyRouteComponent(() => import("./pages/Mine")) });
export const reportRoute = createRoute({
  getParentRoute: () => inside, path: "/phone/report", validateSearch: (search): { edit?: string } => ({ edit: text(search["edit"]) }),
  component: lazyRouteComponent(() => import("./pages/Report")),
});
const phoneTasks = createRoute({ getParentRoute: () => inside, path: "/phone/tasks", component: lazyRouteComponent(() => import("./pages/PhoneTasks")) });
const phoneGrid = createRoute({ getParentRoute: () => inside, path: "/phone/grid", component: lazyRouteComponent(() => import("./pages/MyGrid")) });
const phoneOutbox = createRoute({ getParentRoute: () => inside, path: "/phone/outbox", component: lazyRouteComponent(() => import("./pages/Outbox")) });

export interface CaseSearch {
  readonly status?: CaseStatus; readonly severity?: Severity; readonly category?: WorkCategory; readonly overdue?: boolean; readonly mine?: boolean; readonly text?: string; readonly under?: string;
}
function caseSearch(search: Record<string, unknown>): CaseSearch {
  return {
    status: text(search["status"]) as CaseStatus | undefined, severity: text(search["severity"]) as Severity | undefined, category: text(search["category"]) as WorkCategory | undefined,
    overdue: search["overdue"] === true || undefined, mine: search["mine"] === true || undefined, text: text(search["text"]), under: text(search["under"]),
  };
}
export const filterOf = ({ status, severity, ...rest }: CaseSearch): CaseFilter => ({ ...rest, ...(status ? { status: [status] } : {}), ...(severity ? { severity: [severity] } : {}) });

const tree = root.addChildren([
  signIn, inside.addChildren([start, inboxRoute, casesRoute, caseRoute, register, mechanisms, pluginRoute, mine, reportRoute, phoneTasks, phoneGrid, phoneOutbox]),
]);

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree, context: { client }, defaultPreload: "intent", defaultPendingMs: 150, defaultPendingComponent: () => <main className="page"><Loading /></main>,
    defaultErrorComponent: ({ error, reset }) => <main className="page"><Failure error={error} retry={() => { reset(); void location.reload(); }} /></main>,
    defaultNotFoundComponent: () => <main className="page"><Failure error={new RequestFailure("not-found", "page")} /></main>,
  });
}
declare module "@tanstack/react-router" {
  interface Register { router: ReturnType<typeof createAppRouter> }
}
