import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut, RequestFailure } from "./api/client";
import { language, useLanguage } from "./i18n/language";
import { createAppRouter } from "./router";
import { settings } from "./shell/settings";
import { Toasts } from "./ui/toast";
import "./styles/index.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && error instanceof RequestFailure && (error.kind === "busy" || error.kind === "offline") && navigator.onLine,
    },
    mutations: { networkMode: "always", retry: false },
  },
});
const router = createAppRouter(client);
settings.apply();

onSignedOut(() => {
  if (router.state.location.pathname === "/sign-in") return;
  client.clear();
  void router.navigate({ to: "/sign-in", search: { next: router.state.location.href } });
});

function App() {
  const locale = useLanguage();
  return <QueryClientProvider client={client}><RouterProvider key={locale} router={router} /><Toasts /></QueryClientProvider>;
}

void language.restore().then(() => {
  const place = document.getElementById("root");
  if (place) createRoot(place).render(<StrictMode><App /></StrictMode>);
});
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
