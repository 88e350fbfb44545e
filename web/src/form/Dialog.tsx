import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, I18nProvider, Modal, ModalOverlay } from "react-aria-components";
import { t, useLanguage } from "../i18n/language";
import { Icon } from "../ui/icons";

/** A dialog over the page: at the bottom of a phone, in the middle of a desk. It keeps the focus, and Esc closes it. */
export default function Dialog({ title, below, close, look, children }: { readonly title: ReactNode; readonly below?: string; readonly close: () => void; readonly look?: "modal-wide"; readonly children: ReactNode }) {
  const locale = useLanguage();
  return (
    <I18nProvider locale={locale}>
      <ModalOverlay className="overlay" isOpen onOpenChange={(open) => { if (!open) close(); }}>
        <Modal className={look ? `modal ${look}` : "modal"}>
          <AriaDialog className="dialog">
            <header className="dialog-head"><div><Heading slot="title">{title}</Heading>{below && <p className="muted">{below}</p>}</div>
              <button type="button" className="bare" aria-label={t("close")} onClick={close}><Icon name="close" /></button></header>
            {children}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
    </I18nProvider>
  );
}
