import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from 'react';
import { controlLook, FieldFrame, type FieldProps, useFieldIds } from './field.tsx';

export interface TextFieldProps extends FieldProps, Omit<InputHTMLAttributes<HTMLInputElement>, 'required'> {
  ref?: Ref<HTMLInputElement>;
}

/** One line of text. `autoComplete` is off unless said otherwise: a desk's browser must not remember residents. */
export function TextField({
  label,
  hint,
  error,
  required = false,
  bare = false,
  className = '',
  ...input
}: TextFieldProps) {
  const ids = useFieldIds({ hint, error });
  return (
    <FieldFrame label={label} hint={hint} error={error} required={required} bare={bare} ids={ids}>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...input}
        id={ids.id}
        aria-required={required}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={ids.describedBy}
        className={`${controlLook} ${className}`}
      />
    </FieldFrame>
  );
}

export interface TextAreaProps
  extends FieldProps,
    Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'required'> {
  ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines of text. */
export function TextArea({ label, hint, error, required = false, bare = false, ...area }: TextAreaProps) {
  const ids = useFieldIds({ hint, error });
  return (
    <FieldFrame label={label} hint={hint} error={error} required={required} bare={bare} ids={ids}>
      <textarea
        rows={3}
        autoComplete="off"
        spellCheck={false}
        {...area}
        id={ids.id}
        aria-required={required}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={ids.describedBy}
        className={controlLook}
      />
    </FieldFrame>
  );
}
