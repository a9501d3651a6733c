import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

/** Asks before something happens. Focus stays within, Escape leaves, focus goes back to where it came from. */
export function Dialog({
  title,
  open,
  onClose,
  children,
}: {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      className="fixed inset-0 z-10 grid place-items-center overflow-y-auto bg-opacity-gray-700 p-4"
    >
      <Modal className="w-full max-w-xl rounded-12 bg-white p-6 shadow-8">
        <AriaDialog className="outline-none">
          <Heading slot="title" level={2} className="text-std-22B-150 mb-3">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Buttons at the foot of a dialog or a form. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-wrap gap-3">{children}</div>;
}
