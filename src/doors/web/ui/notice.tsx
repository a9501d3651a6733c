import type { ReactNode } from 'react';
import { useUiWords } from './words.ts';

const looks = {
  info: { box: 'border-key-900', sign: 'bg-key-900', mark: 'i' },
  success: { box: 'border-success-2', sign: 'bg-success-2', mark: '✓' },
  warning: { box: 'border-warning-orange-2', sign: 'bg-warning-orange-2', mark: '!' },
  error: { box: 'border-error-1', sign: 'bg-error-2', mark: '!' },
} as const;

export type NoticeKind = keyof typeof looks;

/** A banner: its kind is said by mark and word, not by colour alone. `live`: it is read out when it comes. */
export function Notice({
  kind,
  title,
  live = false,
  children,
}: {
  kind: NoticeKind;
  title: ReactNode;
  live?: boolean;
  children?: ReactNode;
}) {
  const t = useUiWords();
  const look = looks[kind];
  return (
    <div
      role={live ? (kind === 'error' ? 'alert' : 'status') : undefined}
      className={`flex gap-3 rounded-8 border-2 border-l-8 bg-white p-4 ${look.box}`}
    >
      <span
        aria-hidden="true"
        className={`mt-0.5 grid size-6 shrink-0 place-items-center rounded-full text-oln-16B-100 text-white ${look.sign}`}
      >
        {look.mark}
      </span>
      <div className="min-w-0 flex-1">
        <p className="text-std-17B-170">
          <span className="hidden-visually">{t.notice[kind]}: </span>
          {title}
        </p>
        {children !== undefined && <div className="text-std-16N-170 mt-1 space-y-2">{children}</div>}
      </div>
    </div>
  );
}
