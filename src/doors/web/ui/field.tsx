import { type ReactNode, useId } from 'react';
import { useUiWords } from './words.ts';

export interface FieldProps {
  label: ReactNode;
  /** One line below the label. */
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Says nothing about requirement: for filters, none of which must be filled. */
  bare?: boolean;
}

/** Says whether a field must be filled: in words, never by colour or a star alone. */
export function Requirement({ required }: { required: boolean }) {
  const t = useUiWords();
  return (
    <span className={`text-std-16N-170 ${required ? 'text-error-2' : 'text-solid-gray-700'}`}>
      {required ? t.required : t.optional}
    </span>
  );
}

/** Ids that tie a control to its label, hint and error. */
export function useFieldIds({ hint, error }: Pick<FieldProps, 'hint' | 'error'>) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [hint === undefined ? '' : hintId, error === undefined ? '' : errorId]
    .filter(Boolean)
    .join(' ');
  return { id, hintId, errorId, describedBy: described === '' ? undefined : described };
}

/** Label, requirement, hint, the control itself and its error, in this order. */
export function FieldFrame({
  label,
  hint,
  error,
  required = false,
  bare = false,
  ids,
  children,
}: FieldProps & { ids: ReturnType<typeof useFieldIds>; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={ids.id} className="text-std-17B-170 flex flex-wrap items-baseline gap-x-2">
        {label} {!bare && <Requirement required={required} />}
      </label>
      {hint !== undefined && (
        <p id={ids.hintId} className="text-std-16N-170 text-solid-gray-700">
          {hint}
        </p>
      )}
      {children}
      <FieldError id={ids.errorId} error={error} />
    </div>
  );
}

/** The place of an error: there from the first, so that a screen reader hears what comes into it. */
export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  return (
    <p id={id} aria-live="polite" className="text-std-16N-170 text-error-2 empty:hidden">
      {error === undefined ? '' : `＊${error}`}
    </p>
  );
}

export const controlLook =
  'w-full max-w-full rounded-8 border border-solid-gray-600 bg-white px-4 py-2 text-std-16N-170 text-solid-gray-800 min-h-12 hover:border-black aria-invalid:border-error-1 disabled:bg-solid-gray-50 disabled:text-solid-gray-600 disabled:border-solid-gray-300';
