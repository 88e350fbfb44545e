import { useQuery } from "@tanstack/react-query";
import { useCanGoBack, useRouteContext, useRouter } from "@tanstack/react-router";
import { caseOf } from "../api/queries";
import { t } from "../i18n/language";
import { Matter } from "../matter/Matter";
import { caseRoute } from "../router";
import { Button, Empty, Failure, Loading } from "../ui/basics";

/** One case on a page of its own: what a link or a notice opens. */
export default function CasePage() {
  const { person } = useRouteContext({ from: "/inside" });
  const { id } = caseRoute.useParams();
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const { data, error, isPending, refetch } = useQuery(caseOf(id));
  return (
    <main id="page" className="page page-wide">
      {canGoBack && <Button look="quiet" icon="back" className="back-always" onClick={() => router.history.back()}>{t("back")}</Button>}
      {isPending ? <Loading rows={10} /> : error && !data ? <Failure error={error} retry={() => void refetch()} />
        : data ? <Matter matter={data} person={person} done={() => undefined} keys /> : <Empty icon="search" title={t("failure-not-found")} />}
    </main>
  );
}
