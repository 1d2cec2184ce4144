import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Without a heading of its own: the title is for those who cannot see it. */
  readonly bare?: boolean;
}

/** A window over the page; Escape, and a press beside it, close it. The focus stays in it, and goes back behind. */
export function Dialog({ title, onClose, children, bare = false }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog
      ref={box}
      class={bare ? 'palette' : ''}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === box.current) onClose();
      }}
    >
      {!bare && (
        <header>
          <h2>{title}</h2>
          <button type="button" class="plain" onClick={onClose} aria-label="Close">
            ✕
          </button>
        </header>
      )}
      {children}
    </dialog>
  );
}
